package io.millrace.consumer.internal.coordinate;

import io.millrace.consumer.ConsumerSettings;
import io.millrace.consumer.Replay;
import io.millrace.consumer.StartAt;
import io.millrace.consumer.StreamConsumer;
import io.millrace.consumer.handler.ReceivedRecord;
import io.millrace.consumer.internal.process.Choice;
import io.millrace.consumer.internal.process.Excerpt;
import io.millrace.consumer.internal.process.Processing;
import io.millrace.model.ShardId;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What an application says about a replay: a consumer of its own, of a part. Confined to one
 * thread.
 */
final class ReplayBuilder implements Replay.Builder {
  private static final double READS_PER_SECOND = 5;
  private static final long READ_BYTES_PER_SECOND = 2_000_000;

  private final WorkerBuilder consumer;
  private @Nullable Instant from;
  private @Nullable Instant to;
  private Predicate<ShardId> shards = shard -> true;
  private @Nullable Predicate<String> keys;
  private OptionalDouble recordsPerSecond = OptionalDouble.empty();
  private double share = 0.5;

  ReplayBuilder(WorkerBuilder consumer) {
    this.consumer = consumer;
  }

  @Override
  public Replay.Builder stream(String nameOrArn, Instant begin, Instant end) {
    if (!begin.isBefore(end)) {
      throw new IllegalArgumentException(
          "replay from " + begin + " to " + end + ": the end must be after the begin");
    }
    consumer.stream(nameOrArn, StartAt.timestamp(begin));
    from = begin;
    to = end;
    return this;
  }

  @Override
  public Replay.Builder shards(Predicate<ShardId> wanted) {
    shards = new Choice<>("shards", Objects.requireNonNull(wanted, "wanted"));
    return this;
  }

  @Override
  public Replay.Builder keys(Predicate<String> wanted) {
    keys = new Choice<>("keys", Objects.requireNonNull(wanted, "wanted"));
    return this;
  }

  @Override
  public Replay.Builder recordsPerSecond(double records) {
    if (!(records >= 0.1 && records <= 1_000_000)) {
      throw new IllegalArgumentException(
          "recordsPerSecond " + records + ": must be 0.1 to 1000000");
    }
    recordsPerSecond = OptionalDouble.of(records);
    return this;
  }

  @Override
  public Replay.Builder shareOfReadThroughput(double part) {
    if (!(part >= 0.02 && part <= 1)) {
      throw new IllegalArgumentException("shareOfReadThroughput " + part + ": must be 0.02 to 1");
    }
    share = part;
    return this;
  }

  @Override
  public Replay.Builder consumer(UnaryOperator<StreamConsumer.Builder> settings) {
    StreamConsumer.Builder unused = settings.apply(consumer);
    return this;
  }

  @Override
  public Replay build() {
    Instant begin = from;
    Instant end = to;
    if (begin == null || end == null) {
      throw new IllegalStateException("no stream: name one with stream(...)");
    }
    if (consumer.streams.size() != 1) {
      throw new IllegalStateException(
          consumer.streams.size() + " streams: a replay reads exactly one");
    }
    consumer.check();
    if (consumer.processing.get(0) instanceof Processing.Processors) {
      throw new IllegalArgumentException(
          "shardProcessor: a replay needs onRecord, onRecordAsync or onBatch");
    }
    consumer.settings = slowed(consumer.settings, share);
    consumer.excerpt =
        new Excerpt(Optional.of(end), shards, Optional.of(wanted(begin, end)), recordsPerSecond);
    return new ReplayRun(consumer);
  }

  /** Settings that take at most a share of what the service allows to all readers of a shard. */
  static ConsumerSettings slowed(ConsumerSettings settings, double share) {
    double reads = Math.min(settings.shardReadsPerSecond(), READS_PER_SECOND * share);
    long bytes =
        Math.min(settings.shardReadBytesPerSecond(), (long) (READ_BYTES_PER_SECOND * share));
    return settings.toBuilder().shardReadsPerSecond(reads).shardReadBytesPerSecond(bytes).build();
  }

  private Predicate<ReceivedRecord> wanted(Instant begin, Instant end) {
    Predicate<String> chosen = keys;
    return record ->
        !record.arrival().isBefore(begin)
            && record.arrival().isBefore(end)
            && (chosen == null || chosen.test(record.partitionKey()));
  }
}
