package io.millrace.simulation.storm;

/**
 * What kind of fault a storm has more of than of any other. Some mutations show only where one kind
 * of fault meets another; a season has them meet often, so that a few seeds will do.
 */
public enum Season {
  /** Anything: the storms of the build. */
  ANY,
  /** Workers that lose the store for about a failover time. */
  CUT_OFFS,
  /** A third of the writes arrives twice; workers restart under their id, or lose the store. */
  ECHOES,
  /** Machines that are suspended, with their monotonic clocks. */
  SUSPENSIONS,
  /** Processes that stand still, are replaced under their id, and go on. */
  TWINS,
  /** Workers whose ways to the store are slow, and then cut off. */
  DELAYS,
  /** Failover times of a minute, in which clocks drift apart by more than a second. */
  PATIENCE;

  /** The season of a seed: every tenth one has one of its own. */
  static Season of(long seed) {
    return seed % 10 != 0 ? ANY : values()[1 + (int) (seed / 10 % (values().length - 1))];
  }
}
