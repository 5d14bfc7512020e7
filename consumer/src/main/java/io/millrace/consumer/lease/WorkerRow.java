package io.millrace.consumer.lease;

import java.time.Duration;
import java.util.List;

/**
 * The row of one worker: who it is, that it lives, and what its peers should know.
 *
 * <p>Immutable.
 *
 * @param worker the worker's id, unique in the fleet
 * @param incarnation random, one per process
 * @param epoch the worker's ownership period: lease rows name it beside their owner, and it is
 *     never used again once fenced
 * @param heartbeat grows with each heartbeat of the epoch; the only thing by which others judge the
 *     worker's life
 * @param state whether it lives
 * @param protocolVersion the major version of the protocol that it speaks; a peer that does not
 *     know it refuses to start
 * @param failoverTime for how long it may stay silent before its peers fence it: they wait by its
 *     own setting, not by theirs, so that workers with different settings never own one lease
 *     twice; kept in milliseconds
 * @param maxLeases how many unfinished leases it takes at most
 * @param modeVersion the version of the {@link FleetMode} that it has acknowledged; 0 if none
 * @param leaseCount how many unfinished leases it holds
 * @param throughputKBps how much they read, in KiB per second
 * @param notices its last notices, oldest first, at most {@value #MAX_NOTICES}
 */
public record WorkerRow(
    String worker,
    String incarnation,
    long epoch,
    long heartbeat,
    State state,
    int protocolVersion,
    Duration failoverTime,
    int maxLeases,
    long modeVersion,
    int leaseCount,
    double throughputKBps,
    List<Notice> notices) {
  /**
   * How many notices a row keeps: they keep it under 1 KB, so that a heartbeat costs one write
   * unit.
   */
  public static final int MAX_NOTICES = 12;

  /** The protocol's major version that this library speaks. */
  public static final int PROTOCOL_VERSION = 1;

  /**
   * Checks the row and copies the notices.
   *
   * @throws IllegalArgumentException if the worker's id is empty, the epoch is below 1, or there
   *     are too many notices
   */
  public WorkerRow {
    if (worker.isEmpty()) {
      throw new IllegalArgumentException("worker id is empty: it must have at least 1 character");
    }
    if (epoch < 1) {
      throw new IllegalArgumentException("epoch is " + epoch + ": it must be at least 1");
    }
    if (notices.size() > MAX_NOTICES) {
      throw new IllegalArgumentException(
          "notices has " + notices.size() + " entries: a worker row keeps at most " + MAX_NOTICES);
    }
    failoverTime = Duration.ofMillis(failoverTime.toMillis());
    notices = List.copyOf(notices);
  }

  /** Whether a worker may be counted on. */
  public enum State {
    /** It works and takes leases. */
    LIVE,
    /** It gives its leases back and takes no more. */
    LEAVING,
    /** It owns nothing any more: its leases may be taken, and it must stop. Final for its epoch. */
    FENCED
  }

  /** The same row in another state. */
  public WorkerRow withState(State newState) {
    return new WorkerRow(
        worker,
        incarnation,
        epoch,
        heartbeat,
        newState,
        protocolVersion,
        failoverTime,
        maxLeases,
        modeVersion,
        leaseCount,
        throughputKBps,
        notices);
  }

  /** Whether {@code other} is a row of the same ownership period that has not moved. */
  public boolean unmovedSince(WorkerRow other) {
    return worker.equals(other.worker)
        && incarnation.equals(other.incarnation)
        && epoch == other.epoch
        && heartbeat == other.heartbeat;
  }
}
