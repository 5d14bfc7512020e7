package io.millrace.simulation.explore;

/**
 * One thing that goes otherwise than in a good run, at one call of a worker to the lease store.
 *
 * @param call the number of the call, from 0; polls of the worker rows are not counted, as the next
 *     one says the same
 */
record Deviation(Kind kind, int call) {
  /** What can go otherwise. */
  enum Kind {
    /** The first open shard is split just before the call. */
    SPLIT(Group.RESHARD),
    /** Two shards are merged just before the call. */
    MERGE(Group.RESHARD),
    /** The caller dies before the call leaves. */
    DIES_BEFORE(Group.CRASH),
    /** The caller dies when the call has left; it takes effect. */
    DIES_AFTER(Group.CRASH),
    /** The call takes effect, and its caller hears nothing. */
    LOST_REPLY(Group.LOSS),
    /** The call never arrives. */
    LOST_REQUEST(Group.LOSS),
    /** The call takes effect when its caller has given it up. */
    LATE(Group.LOSS),
    /** The call and its reply take a hundred milliseconds each: others come first. */
    OVERTAKEN(Group.LOSS);

    private final Group group;

    Kind(Group group) {
      this.group = group;
    }

    Group group() {
      return group;
    }
  }

  /** Kinds that share a bound: how many of them happen in one run. */
  enum Group {
    RESHARD,
    CRASH,
    LOSS
  }

  @Override
  public String toString() {
    return kind + "@" + call;
  }
}
