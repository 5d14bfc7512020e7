package io.millrace.consumer.lease;

/**
 * How a fleet shows that it is alive. One mode holds for the whole fleet: see {@link FleetMode}.
 */
public enum HeartbeatMode {
  /**
   * One row per worker is the heartbeat, and an epoch ties each lease to it: about a hundredth of
   * the writes. The KCL can't read it: to a KCL every lease of the fleet looks expired.
   */
  PER_WORKER,
  /** The counter of each lease is its heartbeat, as in the KCL. */
  PER_LEASE
}
