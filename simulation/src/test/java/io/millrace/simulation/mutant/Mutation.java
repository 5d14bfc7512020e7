package io.millrace.simulation.mutant;

import io.millrace.consumer.lease.LeaseStore;
import java.util.function.UnaryOperator;

/**
 * One thing broken in the protocol: a condition of the tables, or a decision of the workers. Each
 * must be noticed by some seed; {@link #seed} was one when it was last looked for.
 *
 * <p>One mutation is active at a time, for each thread.
 */
public enum Mutation {
  // ---- conditions of the tables

  TAKE_WITHOUT_CONDITION("take tests nothing", 2, BrokenRules.takeWithoutCondition()),
  CLAIM_TAKES("a claim takes the lease at once: no handoff", 2, BrokenRules.claimTakes()),
  CHECKPOINT_WITHOUT_COUNTER(
      "checkpoint tests the holder's name only", 98, BrokenRules.checkpointWithoutCounter()),
  CHECKPOINT_UNFENCED("checkpoint tests nothing", 34, BrokenRules.checkpointUnfenced()),
  RELEASE_UNFENCED("release tests nothing", 0, BrokenRules.releaseUnfenced()),
  TRANSFER_UNFENCED("transfer tests nothing", 0, BrokenRules.transferUnfenced()),
  CREATE_OVERWRITES("create overwrites a row", 12, BrokenRules.createOverwrites()),
  FENCE_WITHOUT_HEARTBEAT(
      "fence does not test the heartbeat", 0, BrokenRules.fenceWithoutHeartbeat()),
  FENCE_NOT_DURABLE(
      "one-step fail-over: a silent worker is held for dead without a write",
      66,
      BrokenRules.fenceNotDurable()),
  HEARTBEAT_REVIVES("heartbeat does not test for FENCED", 20, BrokenRules.heartbeatRevives()),
  HEARTBEAT_OF_ANY_PERIOD(
      "heartbeat tests neither incarnation nor epoch", 19, BrokenRules.heartbeatOfAnyPeriod()),
  REGISTER_WITHOUT_CONDITION("register tests nothing", 168, BrokenRules.registerWithoutCondition()),
  READ_LEASE_STALE(
      "a consistent read of a lease shows the row before its last write",
      1,
      BrokenRules.readLeaseStale()),

  // ---- decisions of the workers

  SELF_FENCE_DROPPED("a worker never stops delivering by itself", 2),
  STAMP_AFTER_REPLY("a heartbeat is stamped when its reply comes, not before it is sent", 0),
  UNKNOWN_HEARTBEAT_COUNTS("a heartbeat without an answer counts as landed", 25),
  SUSPENSION_IGNORED("a suspended machine's clock is believed", 71),
  SILENCE_HALVED("a silent worker is fenced after half its failover time", 16),
  SILENCE_BY_OWN_SETTING("a silent worker is fenced by another failover time than its own", 2),
  OTHER_EPOCH_IS_OVER("an epoch that the row does not show is over, without a consistent read", 2),
  MISSING_IS_OVER("a worker without a row is dead, without a write", 7),
  JUDGED_BY_COUNTER("a lease whose counter stands still is free, though its owner heartbeats", 32),
  FENCED_GOES_ON("a fenced worker keeps its leases", 25),
  EPOCH_REUSED("a fenced worker registers under its old epoch", 0),
  WRITER_IGNORES_FENCING("a holder takes any row for its own", 0),
  GATE_DROPPED("a child does not wait for its parents", 1),
  CHILDREN_BEFORE_PARENTS("children's rows are created before their parents'", 1),
  END_BEFORE_CHILDREN("a shard's end is written before its children's rows", 1),
  ADOPTION_DROPPED("what names a worker that does not run it is left alone", 2);

  private static final ThreadLocal<Mutation> ACTIVE = new ThreadLocal<>();

  private final String what;
  private final long seed;

  @SuppressWarnings("ImmutableEnumChecker") // What it keeps, it keeps for each run anew.
  private final UnaryOperator<LeaseStore> rules;

  Mutation(String what, long seed) {
    this(what, seed, UnaryOperator.identity());
  }

  Mutation(String what, long seed, UnaryOperator<LeaseStore> rules) {
    this.what = what;
    this.seed = seed;
    this.rules = rules;
  }

  /** What is broken, in words. */
  public String what() {
    return what;
  }

  /** A seed that has noticed; 0 where that takes more seeds than a build has time for. */
  public long seed() {
    return seed;
  }

  /** What becomes of the tables' conditions. */
  public UnaryOperator<LeaseStore> rules() {
    return rules;
  }

  /** Whether this one is active on this thread: asked by the woven code. */
  public boolean isActive() {
    return ACTIVE.get() == this;
  }

  /** Activates one on this thread, or none. */
  static void activate(Mutation mutation) {
    ACTIVE.set(mutation);
  }
}
