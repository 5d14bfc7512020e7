package io.millrace.testkit.kinesis.fault;

import io.millrace.testkit.kinesis.call.Operation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The rules by which calls fail; they can be added and cancelled at any time. Thread-safe.
 *
 * <pre>{@code
 * core.faults().on(Operation.PUT_RECORDS).shard("shardId-000000000000").times(3)
 *     .inject(Fault.failEntries(ErrorCode.PROVISIONED_THROUGHPUT_EXCEEDED));
 * core.faults().on(Operation.GET_RECORDS).probability(0.01).inject(Fault.lostReply());
 * core.faults().onEveryCall().inject(Fault.delay(Latency.longTailed(ofMillis(5), ofMillis(80))));
 * }</pre>
 *
 * <p>Rules are asked in the order in which they were added. The first one that hits decides about
 * the call and spares the later ones; but delays add up, and entries of a PutRecords fail by every
 * rule about entries, unless the whole call fails.
 */
public final class FaultScript {
  private final RandomGenerator random;
  private final List<FaultRule> rules = new CopyOnWriteArrayList<>();

  /**
   * A script without rules.
   *
   * @param random decides by chance; the script's alone
   */
  public FaultScript(RandomGenerator random) {
    this.random = random;
  }

  /** Begins a rule about some operations. */
  public Condition on(Operation first, Operation... more) {
    return new Condition(this, EnumSet.of(first, more));
  }

  /** Begins a rule about every operation that the fault can happen to. */
  public Condition onEveryCall() {
    return new Condition(this, EnumSet.noneOf(Operation.class));
  }

  /** Whether there are no rules. */
  public boolean isEmpty() {
    return rules.isEmpty();
  }

  /** Cancels all rules. */
  public void clear() {
    rules.clear();
  }

  /**
   * Decides about a call.
   *
   * @param now the endpoint's wall time
   */
  public Verdict decide(CallTarget call, Instant now) {
    Fault deciding = null;
    long delayNanos = 0;
    List<Verdict.EntryFault> entries = new ArrayList<>();
    for (FaultRule rule : rules) {
      boolean additive =
          rule.fault() instanceof Fault.Delay || rule.fault() instanceof Fault.FailEntries;
      if ((deciding != null && !additive) || !isHit(rule, call, now)) {
        continue;
      }
      if (rule.fault() instanceof Fault.Delay delay) {
        delayNanos += draw(delay.latency());
      } else if (rule.fault() instanceof Fault.FailEntries failing) {
        entries.add(new Verdict.EntryFault(failing, rule.shardId(), random));
      } else {
        deciding = rule.fault();
      }
    }
    return new Verdict(Optional.ofNullable(deciding), delayNanos, entries);
  }

  void remove(FaultRule rule) {
    rules.remove(rule);
  }

  private boolean isHit(FaultRule rule, CallTarget call, Instant now) {
    synchronized (random) {
      return rule.hits(call, now, random);
    }
  }

  private long draw(Latency latency) {
    synchronized (random) {
      return latency.nextNanos(random);
    }
  }

  /** Which calls a rule is about; each part narrows it. Not thread-safe. */
  public static final class Condition {
    final Set<Operation> operations;
    @Nullable String stream;
    @Nullable String shardId;
    @Nullable Instant from;
    @Nullable Instant until;
    double probability = 1;
    long skip;
    long times = Long.MAX_VALUE;
    private final FaultScript script;

    Condition(FaultScript script, Set<Operation> operations) {
      this.script = script;
      this.operations = operations;
    }

    /** Only calls about the stream with this name. */
    public Condition stream(String name) {
      stream = name;
      return this;
    }

    /**
     * Only calls about this shard: those that name it, GetRecords from it, and puts with a record
     * for it by its key. Puts to a stream that spreads its records are about no shard.
     */
    public Condition shard(String id) {
      shardId = id;
      return this;
    }

    /** Only calls at or after a time of the endpoint's clock, and before another. */
    public Condition between(Instant first, Instant end) {
      from = first;
      until = end;
      return this;
    }

    /** Spares this many calls first. */
    public Condition skip(long calls) {
      skip = requireCount("skip", calls);
      return this;
    }

    /** Hits this many calls, then none; without it there is no end. */
    public Condition times(long calls) {
      times = requireCount("times", calls);
      return this;
    }

    /**
     * Hits calls by chance only.
     *
     * @throws IllegalArgumentException if the value is not from 0 to 1
     */
    public Condition probability(double value) {
      Probability.require("probability", value);
      probability = value;
      return this;
    }

    /**
     * Adds the rule to the script, behind those that are there.
     *
     * @throws IllegalArgumentException if the fault can't happen to the operations
     */
    public FaultRule inject(Fault fault) {
      FaultRule rule = new FaultRule(script, this, fault);
      script.rules.add(rule);
      return rule;
    }

    private static long requireCount(String name, long value) {
      if (value < 0) {
        throw new IllegalArgumentException(name + " is " + value + ": it must be 0 or more");
      }
      return value;
    }
  }
}
