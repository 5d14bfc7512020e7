package io.millrace.producer.internal.loop;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.millrace.producer.internal.aggregate.OutgoingRecord;
import io.millrace.producer.internal.batch.ShardLane;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * The producer's meters in a Micrometer registry; names and meanings are in docs/metrics.md.
 *
 * <p>What a put changes is polled from counters that exist anyway; what is recorded is recorded by
 * the loop, once per request or Kinesis record.
 */
final class ProducerMeters {
  private static final String PREFIX = "millrace.producer.";

  private final MeterRegistry registry;
  private final List<Meter> ofProducer = new ArrayList<>();

  ProducerMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  /** Publishes what concerns the whole producer. */
  void ofBudget(ByteBudget budget) {
    ofProducer.add(
        Gauge.builder(PREFIX + "buffer.used", budget, ByteBudget::usedBytes)
            .description("Bytes of the budget in use")
            .baseUnit("bytes")
            .register(registry));
    ofProducer.add(
        Gauge.builder(PREFIX + "buffer.capacity", budget, ByteBudget::capacityBytes)
            .description("Bytes of the budget")
            .baseUnit("bytes")
            .register(registry));
  }

  /** Removes what concerns the whole producer. */
  void close() {
    ofProducer.forEach(registry::remove);
  }

  /** Makes the meters of one stream. */
  StreamMeters ofStream(StreamIntake intake) {
    return new OfStream(intake);
  }

  private final class OfStream implements StreamMeters {
    private final Tags tags;
    private final List<Meter> meters = new ArrayList<>();
    private final Map<String, Counter> byCode = new HashMap<>();
    private final Map<String, Counter> byReason = new HashMap<>();
    private final Map<String, Timer> requests = new HashMap<>();
    private final Counter storedUserRecords;
    private final Counter storedRecords;
    private final Counter storedBytes;
    private final Counter misplaced;
    private final Counter throttled;
    private final Counter cuts;
    private final DistributionSummary perAggregate;
    private final DistributionSummary requestRecords;
    private final DistributionSummary requestBytes;
    private final Timer latency;
    private volatile double rateFactor = 1;

    OfStream(StreamIntake intake) {
      tags = Tags.of("stream", intake.address().text());
      storedUserRecords = counter("records.stored", "User records stored");
      storedRecords = counter("kinesis.records.stored", "Kinesis records stored");
      storedBytes = counter("kinesis.bytes.stored", "Bytes stored, keys included");
      misplaced =
          counter(
              "records.misplaced",
              "User records whose aggregate landed on a shard that does not hold all members");
      throttled = counter("kinesis.records.throttled", "Kinesis records throttled by the service");
      cuts = counter("rate.cuts", "Times a shard's rate was cut");
      perAggregate =
          kept(
              DistributionSummary.builder(PREFIX + "kinesis.record.members")
                  .description("User records per Kinesis record stored")
                  .tags(tags)
                  .register(registry));
      requestRecords =
          kept(
              DistributionSummary.builder(PREFIX + "request.records")
                  .description("Kinesis records per request")
                  .tags(tags)
                  .register(registry));
      requestBytes =
          kept(
              DistributionSummary.builder(PREFIX + "request.bytes")
                  .description("Bytes per request, keys included")
                  .baseUnit("bytes")
                  .tags(tags)
                  .register(registry));
      latency =
          kept(
              Timer.builder(PREFIX + "record.latency")
                  .description(
                      "From the oldest member's put to the reply, per Kinesis record stored")
                  .tags(tags)
                  .publishPercentileHistogram(false)
                  .register(registry));
      polled("records.received", "User records accepted", intake, StreamIntake::receivedCount);
      polled("bytes.received", "Payload bytes accepted", intake, StreamIntake::receivedBytes);
      polled(
          "headers.dropped",
          "User records whose headers were dropped",
          intake,
          StreamIntake::droppedHeadersCount);
      gauge("records.outstanding", "User records without an outcome", intake::outstandingCount);
      gauge("shards.open", "Open shards of the shard map in force", intake::openShards);
      gauge(
          "rate.factor", "The lowest rate factor of a shard, 1 when nothing throttles", this::rate);
    }

    @Override
    public void request(long durationNanos, String code, int records, long bytes) {
      requests
          .computeIfAbsent(
              code,
              c ->
                  kept(
                      Timer.builder(PREFIX + "request.duration")
                          .description("Duration of PutRecords requests")
                          .tags(tags.and("code", c))
                          .register(registry)))
          .record(durationNanos, TimeUnit.NANOSECONDS);
      requestRecords.record(records);
      requestBytes.record((double) bytes);
    }

    @Override
    public void stored(OutgoingRecord record, long sizeBytes, long ageNanos) {
      storedUserRecords.increment(record.memberCount());
      storedRecords.increment();
      storedBytes.increment((double) sizeBytes);
      perAggregate.record(record.memberCount());
      latency.record(ageNanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void rejected(String code, int userRecords) {
      byCode
          .computeIfAbsent(
              code, c -> counter("records.rejected", "User records in failed attempts", "code", c))
          .increment(userRecords);
    }

    @Override
    public void throttled(ShardLane lane, boolean cut) {
      throttled.increment();
      if (cut) {
        cuts.increment();
      }
    }

    @Override
    public void failed(String reason, int userRecords) {
      byReason
          .computeIfAbsent(
              reason, r -> counter("records.failed", "User records given up", "reason", r))
          .increment(userRecords);
    }

    @Override
    public void misplaced(int userRecords) {
      misplaced.increment(userRecords);
    }

    @Override
    public void rateFactor(double lowest) {
      rateFactor = lowest;
    }

    @Override
    public void close() {
      meters.forEach(registry::remove);
      meters.clear();
    }

    private double rate() {
      return rateFactor;
    }

    private Counter counter(String name, String description, String... extraTags) {
      return kept(
          Counter.builder(PREFIX + name)
              .description(description)
              .tags(tags.and(extraTags))
              .register(registry));
    }

    private void polled(
        String name, String description, StreamIntake intake, ToLongFunction<StreamIntake> read) {
      kept(
          FunctionCounter.builder(PREFIX + name, intake, i -> (double) read.applyAsLong(i))
              .description(description)
              .tags(tags)
              .register(registry));
    }

    private void gauge(String name, String description, Supplier<? extends Number> read) {
      kept(
          Gauge.builder(PREFIX + name, () -> read.get())
              .description(description)
              .tags(tags)
              .register(registry));
    }

    private <M extends Meter> M kept(M meter) {
      meters.add(meter);
      return meter;
    }
  }
}
