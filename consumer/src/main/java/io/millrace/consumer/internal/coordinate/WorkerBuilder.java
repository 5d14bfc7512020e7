package io.millrace.consumer.internal.coordinate;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import io.millrace.consumer.ConsumerSettings;
import io.millrace.consumer.Fetching;
import io.millrace.consumer.KeyOrder;
import io.millrace.consumer.StartAt;
import io.millrace.consumer.StreamConsumer;
import io.millrace.consumer.failure.FailurePolicy;
import io.millrace.consumer.handler.AsyncRecordHandler;
import io.millrace.consumer.handler.BatchHandler;
import io.millrace.consumer.handler.DuplicateFilter;
import io.millrace.consumer.handler.RecordHandler;
import io.millrace.consumer.handler.ShardProcessor;
import io.millrace.consumer.handler.SuspectedLossHandler;
import io.millrace.consumer.internal.coordinate.WorkerSettings.StreamToRead;
import io.millrace.consumer.internal.process.ApplicationHooks;
import io.millrace.consumer.internal.process.Excerpt;
import io.millrace.consumer.internal.process.Processing;
import io.millrace.consumer.internal.process.UserCode;
import io.millrace.consumer.internal.shard.DataPath;
import io.millrace.consumer.lease.LeaseStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/** What an application says about its consumer. Confined to one thread. */
final class WorkerBuilder implements StreamConsumer.Builder {
  /** DynamoDB's table names have up to 255; the names of the other tables are longer than this. */
  private static final Pattern APPLICATION = Pattern.compile("[a-zA-Z0-9_.-]{1,200}");

  private static final Pattern STREAM_NAME = Pattern.compile("[a-zA-Z0-9_.-]{1,128}");
  private static final Pattern STREAM_ARN =
      Pattern.compile("arn:aws[a-z-]*:kinesis:[a-z0-9-]+:\\d{12}:stream/[a-zA-Z0-9_.-]{1,128}");

  final String application;
  final KinesisAsyncClient kinesis;
  final LeaseStore leases;
  final List<StreamToRead> streams = new ArrayList<>();
  boolean manyStreams;
  final List<Processing> processing = new ArrayList<>();
  FailurePolicy failurePolicy = FailurePolicy.retryForever();
  ConsumerSettings settings = ConsumerSettings.defaults();
  MeterRegistry meters = DataPath.NO_METERS;
  ApplicationHooks hooks = ApplicationHooks.NONE;
  Excerpt excerpt = Excerpt.ALL;
  int parallelism = 1;
  KeyOrder order = KeyOrder.PER_KEY;
  @Nullable Executor handlers;
  @Nullable Duration drainOnShutdown;

  WorkerBuilder(String application, KinesisAsyncClient kinesis, LeaseStore leases) {
    if (!APPLICATION.matcher(application).matches()) {
      throw new IllegalArgumentException(
          "application '" + application + "': must be 1 to 200 of a-zA-Z0-9_.-");
    }
    this.application = application;
    this.kinesis = Objects.requireNonNull(kinesis, "kinesis");
    this.leases = Objects.requireNonNull(leases, "leases");
  }

  @Override
  public StreamConsumer.Builder stream(String nameOrArn, StartAt startAt) {
    return stream(nameOrArn, startAt, Fetching.polling());
  }

  @Override
  public StreamConsumer.Builder manyStreams() {
    manyStreams = true;
    return this;
  }

  /**
   * Checks how a stream is named.
   *
   * @throws IllegalArgumentException if the name or ARN is malformed
   */
  static StreamToRead streamToRead(String nameOrArn, StartAt startAt, Fetching how) {
    boolean isArn = isArn(nameOrArn);
    Pattern rule = isArn ? STREAM_ARN : STREAM_NAME;
    if (!rule.matcher(nameOrArn).matches()) {
      throw new IllegalArgumentException(
          "stream '"
              + nameOrArn
              + (isArn
                  ? "': must be arn:<partition>:kinesis:<region>:<account>:stream/<name>"
                  : "': must be a stream ARN, or a name of 1 to 128 of a-zA-Z0-9_.-"));
    }
    return new StreamToRead(
        nameOrArn, Objects.requireNonNull(startAt, "startAt"), Objects.requireNonNull(how, "how"));
  }

  @Override
  public StreamConsumer.Builder stream(String nameOrArn, StartAt startAt, Fetching how) {
    StreamToRead stream = streamToRead(nameOrArn, startAt, how);
    boolean isArn = isArn(nameOrArn);
    String name = nameOf(nameOrArn);
    for (StreamToRead before : streams) {
      boolean same = before.nameOrArn().equals(nameOrArn);
      boolean perhapsSame =
          nameOf(before.nameOrArn()).equals(name) && !(isArn && isArn(before.nameOrArn()));
      if (same || perhapsSame) {
        throw new IllegalArgumentException("stream '" + nameOrArn + "' is given twice");
      }
    }
    streams.add(stream);
    return this;
  }

  private static boolean isArn(String nameOrArn) {
    return nameOrArn.startsWith("arn:");
  }

  private static String nameOf(String nameOrArn) {
    return nameOrArn.substring(nameOrArn.lastIndexOf('/') + 1);
  }

  @Override
  public StreamConsumer.Builder onRecord(RecordHandler handler) {
    return handledBy(new UserCode.Records(Objects.requireNonNull(handler, "handler")));
  }

  @Override
  public StreamConsumer.Builder onRecordAsync(AsyncRecordHandler handler) {
    return handledBy(new UserCode.AsyncRecords(Objects.requireNonNull(handler, "handler")));
  }

  @Override
  public StreamConsumer.Builder onBatch(BatchHandler handler) {
    return handledBy(new UserCode.Batches(Objects.requireNonNull(handler, "handler")));
  }

  private StreamConsumer.Builder handledBy(UserCode code) {
    processing.add(new Processing.Handler(code));
    return this;
  }

  @Override
  public StreamConsumer.Builder shardProcessor(Supplier<? extends ShardProcessor> perShard) {
    processing.add(new Processing.Processors(Objects.requireNonNull(perShard, "perShard")));
    return this;
  }

  @Override
  public StreamConsumer.Builder failurePolicy(FailurePolicy policy) {
    failurePolicy = Objects.requireNonNull(policy, "policy");
    return this;
  }

  @Override
  public StreamConsumer.Builder parallelism(int perShard, KeyOrder keyOrder) {
    if (perShard < 1 || perShard > 1_000) {
      throw new IllegalArgumentException("parallelism " + perShard + ": must be 1 to 1000");
    }
    parallelism = perShard;
    order = Objects.requireNonNull(keyOrder, "order");
    return this;
  }

  @Override
  public StreamConsumer.Builder handlerExecutor(Executor executor) {
    handlers = Objects.requireNonNull(executor, "executor");
    return this;
  }

  @Override
  public StreamConsumer.Builder meterRegistry(MeterRegistry registry) {
    meters = Objects.requireNonNull(registry, "registry");
    return this;
  }

  @Override
  public StreamConsumer.Builder observationRegistry(ObservationRegistry registry) {
    hooks =
        new ApplicationHooks(
            hooks.losses(), Objects.requireNonNull(registry, "registry"), hooks.duplicates());
    return this;
  }

  @Override
  public StreamConsumer.Builder onSuspectedLoss(SuspectedLossHandler handler) {
    hooks =
        new ApplicationHooks(
            Objects.requireNonNull(handler, "handler"), hooks.observations(), hooks.duplicates());
    return this;
  }

  @Override
  public StreamConsumer.Builder leaveOutDuplicates(DuplicateFilter filter) {
    hooks = new ApplicationHooks(hooks.losses(), hooks.observations(), Optional.of(filter));
    return this;
  }

  @Override
  public StreamConsumer.Builder settings(ConsumerSettings chosen) {
    settings = Objects.requireNonNull(chosen, "settings");
    return this;
  }

  @Override
  public StreamConsumer.Builder closeOnShutdown(Duration drain) {
    if (drain.isNegative()) {
      throw new IllegalArgumentException("closeOnShutdown " + drain + ": must not be negative");
    }
    drainOnShutdown = drain;
    return this;
  }

  @Override
  public StreamConsumer build() {
    check();
    return Wiring.build(this);
  }

  void check() {
    if (streams.isEmpty() && !manyStreams) {
      throw new IllegalStateException(
          "no stream: name one with stream(...), or say manyStreams() and add them later");
    }
    if (processing.size() != 1) {
      throw new IllegalStateException(
          processing.size()
              + " handlers: give exactly one of onRecord, onRecordAsync, onBatch and"
              + " shardProcessor");
    }
    boolean processors = processing.get(0) instanceof Processing.Processors;
    if (processors && parallelism != 1) {
      throw new IllegalArgumentException(
          "parallelism " + parallelism + ": a shardProcessor runs one call at a time");
    }
  }
}
