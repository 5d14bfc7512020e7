package io.millrace.producer.internal.loop;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.millrace.producer.ProducerSettings.MeterLevel;
import java.util.function.LongSupplier;

/**
 * The producer's meters in a Micrometer registry; names and meanings are in docs/metrics.md.
 *
 * <p>What a put changes is polled from counters that exist anyway; what is recorded is recorded by
 * the loop, once per request or Kinesis record.
 *
 * <p>Confined to the producer's loop, but for its making and its close.
 */
final class ProducerMeters {
  private final MeterRegistry registry;
  private final MeterLevel level;
  private final LongSupplier tickedNanos;
  private final MeterScope ofProducer;

  /** The one set of all streams, at level PRODUCER only. */
  private final StreamMeterSet ofAllStreams;

  /**
   * Publishes what concerns the whole producer.
   *
   * @param tickedNanos when the loop was last ticked
   */
  ProducerMeters(
      MeterRegistry registry, MeterLevel level, ByteBudget budget, LongSupplier tickedNanos) {
    this.registry = registry;
    this.level = level;
    this.tickedNanos = tickedNanos;
    this.ofProducer = new MeterScope(registry, Tags.empty());
    ofProducer.gauge("buffer.used", "Bytes of the budget in use", "bytes", budget::usedBytes);
    ofProducer.gauge("buffer.capacity", "Bytes of the budget", "bytes", budget::capacityBytes);
    this.ofAllStreams = new StreamMeterSet(new MeterScope(registry, Tags.empty()), tickedNanos);
  }

  /** The meters of one stream. */
  StreamMeters ofStream(StreamIntake intake) {
    if (level == MeterLevel.PRODUCER) {
      return ofAllStreams.join(intake, false);
    }
    Tags tags = Tags.of("stream", intake.address().text());
    return new StreamMeterSet(new MeterScope(registry, tags), tickedNanos)
        .join(intake, level == MeterLevel.SHARD);
  }

  /** Removes what concerns the whole producer. */
  void close() {
    ofProducer.close();
    ofAllStreams.close();
  }
}
