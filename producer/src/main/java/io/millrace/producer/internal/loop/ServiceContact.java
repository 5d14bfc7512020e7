package io.millrace.producer.internal.loop;

/**
 * Whether the service ever accepted this producer's credentials: then they are expected to be
 * renewed when they are missing later. Confined to the producer's loop.
 */
final class ServiceContact {
  private boolean accepted;

  void accepted() {
    accepted = true;
  }

  boolean wasAccepted() {
    return accepted;
  }
}
