package io.millrace.consumer.lease;

/**
 * The mode row: how the whole fleet heartbeats, and how often that has been changed.
 *
 * <p>Immutable.
 *
 * @param heartbeats the mode in force
 * @param version 1 for the first mode, one more with each change; a worker acknowledges it in its
 *     own row
 */
public record FleetMode(HeartbeatMode heartbeats, long version) {
  /**
   * Checks the version.
   *
   * @throws IllegalArgumentException if the version is below 1
   */
  public FleetMode {
    if (version < 1) {
      throw new IllegalArgumentException("mode version is " + version + ": it must be at least 1");
    }
  }
}
