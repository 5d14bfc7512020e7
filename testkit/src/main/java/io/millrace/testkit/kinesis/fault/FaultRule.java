package io.millrace.testkit.kinesis.fault;

import io.millrace.testkit.kinesis.call.Operation;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A fault with the calls it happens to. Thread-safe.
 *
 * <p>A call matches by operation, stream, shard and time. Of the matching calls the first {@code
 * skip} are spared; each further one is hit with the probability, until {@code times} were hit.
 */
public final class FaultRule {
  private final FaultScript script;
  private final Set<Operation> operations;
  private final @Nullable String stream;
  private final @Nullable String shardId;
  private final @Nullable Instant from;
  private final @Nullable Instant until;
  private final double probability;
  private final Fault fault;
  private long toSkip;
  private long timesLeft;
  private long hits;

  FaultRule(FaultScript script, FaultScript.Condition condition, Fault fault) {
    this.script = script;
    this.operations =
        condition.operations.isEmpty()
            ? EnumSet.allOf(Operation.class)
            : EnumSet.copyOf(condition.operations);
    fault.onlyOn().ifPresent(this::restrictTo);
    this.stream = condition.stream;
    this.shardId = condition.shardId;
    this.from = condition.from;
    this.until = condition.until;
    this.probability = condition.probability;
    this.toSkip = condition.skip;
    this.timesLeft = condition.times;
    this.fault = fault;
  }

  /** How many calls it has hit. */
  public synchronized long hits() {
    return hits;
  }

  /** How many calls it will hit at most from now on. */
  public synchronized long timesLeft() {
    return timesLeft;
  }

  /** Takes the rule out of its script; idempotent. */
  public void cancel() {
    script.remove(this);
  }

  Fault fault() {
    return fault;
  }

  @Nullable String shardId() {
    return shardId;
  }

  /** Whether the call is hit; counts it if so. */
  synchronized boolean hits(CallTarget call, Instant now, RandomGenerator random) {
    if (timesLeft == 0 || !matches(call, now)) {
      return false;
    }
    if (toSkip > 0) {
      toSkip--;
      return false;
    }
    if (probability < 1 && random.nextDouble() >= probability) {
      return false;
    }
    timesLeft--;
    hits++;
    return true;
  }

  private boolean matches(CallTarget call, Instant now) {
    return operations.contains(call.operation())
        && (stream == null || stream.equals(call.stream()))
        && (from == null || !now.isBefore(from))
        && (until == null || now.isBefore(until))
        && (shardId == null || call.touchesShard().test(shardId));
  }

  private void restrictTo(Operation only) {
    if (!operations.contains(only)) {
      throw new IllegalArgumentException(
          "operations are " + operations + ": this fault happens to " + only + " only");
    }
    operations.retainAll(Set.of(only));
  }
}
