package io.millrace.consumer.internal.shard;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import io.millrace.consumer.internal.process.DeliveryMeters;
import io.millrace.consumer.internal.process.HandlerContext;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * The meters of one ownership, removed at its end; docs/metrics.md says what they mean.
 * Thread-safe.
 *
 * <p>Gauges read what the worker loop last wrote.
 */
final class ShardMeters implements DeliveryMeters {
  private final MeterRegistry registry;
  private final List<Meter> meters = new ArrayList<>();
  private final Counter records;
  private final Counter bytes;
  private final Timer succeeded;
  private final Timer failed;
  private final Counter diverted;
  private final Counter droppedAggregates;
  private final Counter droppedRecords;
  private final Counter corruptAggregates;
  private final Counter redelivered;
  private final Counter duplicates;
  private final Timer latency;
  private final InstantSource wallClock;
  private final Counter reads;
  private final Counter throttledReads;
  private final Counter failedReads;
  private final Counter fetchedBytes;
  private final Counter checkpoints;
  private final Counter checkpointFailures;
  private final Counter suspectedLosses;

  private volatile double behindMillis;
  private volatile double oldestMillis;
  private volatile double heldBytes;
  private volatile double stalledMillis;
  private volatile double retentionUsed;

  ShardMeters(MeterRegistry registry, HandlerContext context, InstantSource wallClock) {
    this.registry = registry;
    this.wallClock = wallClock;
    Tags tags =
        Tags.of(
            "application", context.application(),
            "stream", context.stream(),
            "shard", context.shard().value());
    records = counter("millrace.consumer.records", tags);
    bytes = counter("millrace.consumer.bytes", tags);
    succeeded = timer("millrace.consumer.handler", tags.and("outcome", "ok"));
    failed = timer("millrace.consumer.handler", tags.and("outcome", "failed"));
    diverted = counter("millrace.consumer.diverted", tags);
    droppedAggregates = counter("millrace.consumer.aggregates.dropped", tags);
    droppedRecords = counter("millrace.consumer.aggregates.dropped.records", tags);
    corruptAggregates = counter("millrace.consumer.aggregates.corrupt", tags);
    redelivered = counter("millrace.consumer.records.redelivered", tags);
    duplicates = counter("millrace.consumer.duplicates", tags);
    latency = timer("millrace.consumer.latency", tags);
    reads = counter("millrace.consumer.reads", tags.and("outcome", "ok"));
    throttledReads = counter("millrace.consumer.reads", tags.and("outcome", "throttled"));
    failedReads = counter("millrace.consumer.reads", tags.and("outcome", "failed"));
    fetchedBytes = counter("millrace.consumer.fetched.bytes", tags);
    checkpoints = counter("millrace.consumer.checkpoints", tags.and("outcome", "ok"));
    checkpointFailures = counter("millrace.consumer.checkpoints", tags.and("outcome", "failed"));
    suspectedLosses = counter("millrace.consumer.retention.losses", tags);
    millis("millrace.consumer.behind", tags, meter -> meter.behindMillis);
    millis("millrace.consumer.unacknowledged.age", tags, meter -> meter.oldestMillis);
    millis("millrace.consumer.stalled", tags, meter -> meter.stalledMillis);
    meters.add(
        Gauge.builder("millrace.consumer.retention.used", this, meter -> meter.retentionUsed)
            .tags(tags)
            .register(registry));
    meters.add(
        Gauge.builder("millrace.consumer.unacknowledged.bytes", this, meter -> meter.heldBytes)
            .tags(tags)
            .baseUnit("bytes")
            .register(registry));
  }

  private Counter counter(String name, Tags tags) {
    Counter counter = Counter.builder(name).tags(tags).register(registry);
    meters.add(counter);
    return counter;
  }

  private Timer timer(String name, Tags tags) {
    Timer timer = Timer.builder(name).tags(tags).register(registry);
    meters.add(timer);
    return timer;
  }

  private void millis(String name, Tags tags, ToDoubleFunction<ShardMeters> value) {
    meters.add(
        TimeGauge.builder(name, this, TimeUnit.MILLISECONDS, value).tags(tags).register(registry));
  }

  @Override
  public void processed(int count, long sizeBytes) {
    records.increment(count);
    bytes.increment((double) sizeBytes);
  }

  @Override
  public void handlerCall(long nanos, boolean failure) {
    (failure ? failed : succeeded).record(nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void redelivered(int count) {
    redelivered.increment(count);
  }

  @Override
  public void settled(Instant arrival) {
    Duration sinceArrival = Duration.between(arrival, wallClock.instant());
    // Clocks differ: a record never was there before it arrived.
    latency.record(sinceArrival.isNegative() ? Duration.ZERO : sinceArrival);
  }

  @Override
  public void duplicates(int count) {
    duplicates.increment(count);
  }

  @Override
  public void diverted(int count) {
    diverted.increment(count);
  }

  @Override
  public void droppedAggregate(int members) {
    droppedAggregates.increment();
    droppedRecords.increment(members);
  }

  @Override
  public void corruptAggregate() {
    corruptAggregates.increment();
  }

  void read() {
    reads.increment();
  }

  void readFailed(boolean throttled) {
    (throttled ? throttledReads : failedReads).increment();
  }

  void fetched(long sizeBytes) {
    fetchedBytes.increment((double) sizeBytes);
  }

  void checkpoint(boolean ok) {
    (ok ? checkpoints : checkpointFailures).increment();
  }

  void suspectedLoss() {
    suspectedLosses.increment();
  }

  /** Shows what an operator would see now. */
  void show(long behind, long oldest, long held, long stalled, double used) {
    behindMillis = behind;
    oldestMillis = oldest;
    heldBytes = held;
    stalledMillis = stalled;
    retentionUsed = used;
  }

  /** Removes all of them. */
  void close() {
    meters.forEach(registry::remove);
  }
}
