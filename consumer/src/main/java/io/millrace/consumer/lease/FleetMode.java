package io.millrace.consumer.lease;

/**
 * The mode row: what the whole fleet has agreed on, and how often that has been changed.
 *
 * <p>Immutable.
 *
 * @param heartbeats how the fleet heartbeats
 * @param chosen whether an operator has chosen {@code heartbeats}: then nothing that the fleet sees
 *     changes it again
 * @param paused whether an operator has paused the application: no worker holds a lease
 * @param version 1 for the first mode, one more with each change; a worker acknowledges it in its
 *     own row
 */
public record FleetMode(HeartbeatMode heartbeats, boolean chosen, boolean paused, long version) {
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

  /** A mode that no operator has touched. */
  public FleetMode(HeartbeatMode heartbeats, long version) {
    this(heartbeats, false, false, version);
  }

  /**
   * The next version, with other heartbeats.
   *
   * @param byOperator whether that is an operator's choice
   */
  public FleetMode withHeartbeats(HeartbeatMode next, boolean byOperator) {
    return new FleetMode(next, byOperator, paused, version + 1);
  }

  /** The next version, paused or not. */
  public FleetMode withPaused(boolean nextPaused) {
    return new FleetMode(heartbeats, chosen, nextPaused, version + 1);
  }
}
