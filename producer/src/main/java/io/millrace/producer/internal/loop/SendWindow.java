package io.millrace.producer.internal.loop;

/**
 * The bytes in requests of all streams: an SDK copies what it sends, outside our budget. Each
 * stream may always have one request in flight, so none starves another.
 *
 * <p>Confined to the producer's loop.
 */
final class SendWindow {
  private static final int BUDGET_FRACTION = 4;

  private final long maxBytes;
  private long inFlightBytes;

  SendWindow(long bufferBytes) {
    this.maxBytes = bufferBytes / BUDGET_FRACTION;
  }

  boolean hasRoom(int requestsOfStream) {
    return requestsOfStream == 0 || inFlightBytes < maxBytes;
  }

  void left(long bytes) {
    inFlightBytes += bytes;
  }

  void returned(long bytes) {
    inFlightBytes -= bytes;
  }

  long inFlightBytes() {
    return inFlightBytes;
  }
}
