package io.millrace.simulation.mutant;

import static io.millrace.simulation.storm.Calamity.CLOCKS_AS_FAR_APART_AS_MAY_BE;
import static io.millrace.simulation.storm.Calamity.HEARTBEAT_AFTER_A_NEWER_ONE;
import static io.millrace.simulation.storm.Calamity.HEARTBEAT_BEFORE_THE_FENCE;
import static io.millrace.simulation.storm.Season.ANY;
import static io.millrace.simulation.storm.Season.CUT_OFFS;
import static io.millrace.simulation.storm.Season.DELAYS;
import static io.millrace.simulation.storm.Season.ECHOES;
import static io.millrace.simulation.storm.Season.PATIENCE;
import static io.millrace.simulation.storm.Season.SUSPENSIONS;
import static io.millrace.simulation.storm.Season.TWINS;

import io.millrace.consumer.lease.LeaseStore;
import io.millrace.simulation.storm.Calamity;
import io.millrace.simulation.storm.Season;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One thing broken in the protocol: a condition of the tables, or a decision of the workers. Each
 * must be noticed by some seed of its {@link #season}; {@link #seed} was one when it was last
 * looked for. What takes more seeds than a build has time for must be noticed by a {@link
 * #calamity}.
 *
 * <p>One mutation is active at a time, for each thread.
 */
public enum Mutation {
  // ---- conditions of the tables

  TAKE_WITHOUT_CONDITION("take tests nothing", ANY, 2, BrokenRules.takeWithoutCondition()),
  TAKE_FROM_LISTING(
      "take does not test the counter, and the taker starts where its listing was",
      CUT_OFFS,
      46,
      BrokenRules.takeFromListing()),
  CLAIM_TAKES("a claim takes the lease at once: no handoff", ANY, 4, BrokenRules.claimTakes()),
  CLAIM_WITHOUT_COUNTER(
      "claim does not test the counter", ECHOES, 4, BrokenRules.claimWithoutCounter()),
  CHECKPOINT_WITHOUT_COUNTER(
      "checkpoint tests the holder's name only", ECHOES, 4, BrokenRules.checkpointWithoutCounter()),
  CHECKPOINT_UNFENCED("checkpoint tests nothing", ECHOES, 2, BrokenRules.checkpointUnfenced()),
  RELEASE_UNFENCED("release tests nothing", ECHOES, 18, BrokenRules.releaseUnfenced()),
  RELEASE_WITHOUT_COUNTER(
      "release tests the holder's name only", ECHOES, 12, BrokenRules.releaseWithoutCounter()),
  TRANSFER_UNFENCED("transfer tests nothing", ECHOES, 30, BrokenRules.transferUnfenced()),
  CREATE_OVERWRITES("create overwrites a row", ANY, 5, BrokenRules.createOverwrites()),
  FENCE_WITHOUT_HEARTBEAT(
      "fence does not test the heartbeat",
      DELAYS,
      HEARTBEAT_BEFORE_THE_FENCE,
      BrokenRules.fenceWithoutHeartbeat()),
  FENCE_NOT_DURABLE(
      "one-step fail-over: a silent worker is held for dead without a write",
      CUT_OFFS,
      2,
      BrokenRules.fenceNotDurable()),
  HEARTBEAT_REVIVES(
      "heartbeat does not test for FENCED", CUT_OFFS, 2, BrokenRules.heartbeatRevives()),
  HEARTBEAT_OF_ANY_PERIOD(
      "heartbeat tests neither incarnation nor epoch",
      TWINS,
      2,
      BrokenRules.heartbeatOfAnyPeriod()),
  HEARTBEAT_BACKWARDS(
      "heartbeat does not test that it is larger",
      ECHOES,
      HEARTBEAT_AFTER_A_NEWER_ONE,
      BrokenRules.heartbeatBackwards()),
  REGISTER_WITHOUT_CONDITION(
      "register tests nothing", TWINS, 10, BrokenRules.registerWithoutCondition()),
  READ_LEASE_STALE(
      "a consistent read of a lease shows the row before its last write",
      ANY,
      2,
      BrokenRules.readLeaseStale()),

  // ---- decisions of the workers

  SELF_FENCE_DROPPED("a worker never stops delivering by itself", CUT_OFFS, 2),
  SELF_FENCE_WITHOUT_MARGIN(
      "the self-fence allows nothing for drifting clocks",
      PATIENCE,
      CLOCKS_AS_FAR_APART_AS_MAY_BE,
      UnaryOperator.identity()),
  STAMP_AFTER_REPLY(
      "a heartbeat is stamped when its reply comes, not before it is sent", DELAYS, 20),
  UNKNOWN_HEARTBEAT_COUNTS("a heartbeat without an answer counts as landed", CUT_OFFS, 2),
  SUSPENSION_IGNORED("a suspended machine's clock is believed", SUSPENSIONS, 2),
  SILENCE_HALVED("a silent worker is fenced after half its failover time", CUT_OFFS, 2),
  SILENCE_BY_OWN_SETTING(
      "a silent worker is fenced by another failover time than its own", CUT_OFFS, 2),
  OTHER_EPOCH_IS_OVER(
      "an epoch that the row does not show is over, without a consistent read", CUT_OFFS, 2),
  MISSING_IS_OVER("a worker without a row is dead, without a write", ANY, 5),
  JUDGED_BY_COUNTER(
      "a lease whose counter stands still is free, though its owner heartbeats", ANY, 2),
  FENCED_GOES_ON("a fenced worker keeps its leases", CUT_OFFS, 16),
  EPOCH_REUSED("a fenced worker registers under its old epoch", CUT_OFFS, 2),
  GATE_DROPPED("a child does not wait for its parents", ANY, 1),
  CHILDREN_BEFORE_PARENTS("children's rows are created before their parents'", ANY, 1),
  END_BEFORE_CHILDREN("a shard's end is written before its children's rows", ANY, 2),
  ADOPTION_DROPPED("what names a worker that does not run it is left alone", ANY, 2),
  WATERMARK_PAST_GAPS("a checkpoint covers what is not acknowledged yet", ANY, 2),
  END_BEFORE_ACKNOWLEDGED("a shard's end does not wait for acknowledgements", ANY, 2);

  private static final ThreadLocal<Mutation> ACTIVE = new ThreadLocal<>();

  private final String what;
  private final Season season;
  private final long seed;
  private final @Nullable Calamity calamity;

  @SuppressWarnings("ImmutableEnumChecker") // What it keeps, it keeps for each run anew.
  private final UnaryOperator<LeaseStore> rules;

  Mutation(String what, Season season, long seed) {
    this(what, season, seed, UnaryOperator.identity());
  }

  Mutation(String what, Season season, long seed, UnaryOperator<LeaseStore> rules) {
    this(what, season, seed, null, rules);
  }

  Mutation(String what, Season season, Calamity calamity, UnaryOperator<LeaseStore> rules) {
    this(what, season, 0, calamity, rules);
  }

  Mutation(
      String what,
      Season season,
      long seed,
      @Nullable Calamity calamity,
      UnaryOperator<LeaseStore> rules) {
    this.what = what;
    this.season = season;
    this.seed = seed;
    this.calamity = calamity;
    this.rules = rules;
  }

  /** What is broken, in words. */
  public String what() {
    return what;
  }

  /** What the storms have more of in which it is looked for. */
  public Season season() {
    return season;
  }

  /** A seed that has noticed; 0 where a calamity does. */
  public long seed() {
    return seed;
  }

  /** Where it must show if chance takes too long. */
  public Optional<Calamity> calamity() {
    return Optional.ofNullable(calamity);
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
