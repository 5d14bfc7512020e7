package io.millrace.testkit.kinesis.engine;

import io.millrace.testkit.kinesis.call.Empty;
import io.millrace.testkit.kinesis.call.StreamCall;
import io.millrace.testkit.kinesis.model.EncryptionType;
import io.millrace.testkit.kinesis.model.ErrorCode;
import io.millrace.testkit.kinesis.model.KinesisError;
import io.millrace.testkit.kinesis.model.RecordDistributionStrategy;
import io.millrace.testkit.kinesis.model.ShardInfo;
import io.millrace.testkit.kinesis.model.StreamMode;
import io.millrace.testkit.kinesis.model.StreamRef;
import io.millrace.testkit.kinesis.model.StreamStatus;
import io.millrace.testkit.kinesis.store.ConsumerState;
import io.millrace.testkit.kinesis.store.Lineage.Moment;
import io.millrace.testkit.kinesis.store.ShardState;
import io.millrace.testkit.kinesis.store.StreamAttributes;
import io.millrace.testkit.kinesis.store.StreamState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The operations about streams as a whole. Thread-safe. */
public final class StreamOperations {
  private static final int ON_DEMAND_SHARDS = 4;
  private static final int ON_DEMAND_STREAM_LIMIT = 50;
  private static final int MAX_SHARDS = 100_000;
  private static final int DEFAULT_RETENTION_HOURS = 24;
  private static final int MAX_RETENTION_HOURS = 8_760;
  private static final int MAX_TAGS = 50;

  /** DescribeStream and ListStreams return at most 100, whatever the limit asks for. */
  private static final int PAGE_SIZE = 100;

  private static final char STREAMS = 's';

  private final Account account;

  /** Works on an account. */
  public StreamOperations(Account account) {
    this.account = account;
  }

  /** Creates a stream; it has its shards after the creation's duration. */
  public Empty create(StreamCall.CreateStream request) {
    String name = Checks.name("streamName", request.streamName());
    Checks.tags(request.tags(), MAX_TAGS);
    StreamAttributes attributes = attributesOf(request);
    int shards = shardsOf(request, attributes.mode());
    if (attributes.mode() == StreamMode.PROVISIONED) {
      account.requireShards(shards);
    } else {
      requireOnDemandStream();
    }
    StreamState stream = account.add(name, attributes);
    stream.setTags(new TreeMap<>(request.tags()));
    Moment now = account.now();
    stream.after(
        account.settings().createDuration().toNanos(),
        now.nanos(),
        () -> {
          if (stream.status() == StreamStatus.CREATING) {
            stream.lineage().create(shards, account.now());
            stream.become(StreamStatus.ACTIVE);
          }
        });
    return Empty.EMPTY;
  }

  /** Deletes a stream; it is gone after the deletion's duration, its subscriptions at once. */
  public Empty delete(StreamCall.DeleteStream request) {
    StreamState stream = account.stream(request.stream());
    if (!request.enforceConsumerDeletion() && !stream.consumers().isEmpty()) {
      throw new KinesisError(
          ErrorCode.RESOURCE_IN_USE,
          "Stream "
              + stream.name()
              + " has registered consumers and EnforceConsumerDeletion is not set.");
    }
    stream.exclusively(
        () -> {
          if (stream.status() != StreamStatus.DELETING) {
            stream.become(StreamStatus.DELETING);
            stream.after(
                account.settings().deleteDuration().toNanos(),
                account.nowNanos(),
                () -> account.remove(stream));
          }
          return Empty.EMPTY;
        });
    KinesisError gone =
        new KinesisError(
            ErrorCode.RESOURCE_NOT_FOUND, "Stream " + stream.name() + " is being deleted.");
    stream.consumers().values().stream()
        .map(ConsumerState::subscriptions)
        .flatMap(Collection::stream)
        .forEach(subscription -> subscription.evict(gone));
    return Empty.EMPTY;
  }

  /** Lists streams. */
  public StreamCall.ListStreamsReply list(StreamCall.ListStreams request) {
    int limit =
        Math.min(PAGE_SIZE, Checks.inRangeOr("limit", request.limit(), 1, 10_000, PAGE_SIZE));
    String after = request.exclusiveStartStreamName();
    if (request.nextToken() != null) {
      after = account.tokens().page(STREAMS, request.nextToken(), account.nowNanos()).after();
    }
    NavigableMap<String, StreamState> rest =
        after == null ? account.streams() : account.streams().tailMap(after, false);
    List<StreamCall.StreamSummary> page = new ArrayList<>();
    for (StreamState stream : rest.values()) {
      if (page.size() == limit) {
        String token =
            account
                .tokens()
                .encode(
                    new Tokens.Page(STREAMS, 0, page.get(limit - 1).streamName(), ""),
                    account.nowNanos());
        return new StreamCall.ListStreamsReply(page, true, token);
      }
      page.add(
          new StreamCall.StreamSummary(
              stream.name(),
              stream.arn(),
              stream.status(),
              stream.attributes().mode(),
              Instant.ofEpochMilli(stream.createdMillis())));
    }
    return new StreamCall.ListStreamsReply(page, false, null);
  }

  /** Describes a stream with a page of its shards. */
  public StreamCall.DescribeStreamReply describe(StreamCall.DescribeStream request) {
    int limit =
        Math.min(PAGE_SIZE, Checks.inRangeOr("limit", request.limit(), 1, 10_000, PAGE_SIZE));
    String after =
        request.exclusiveStartShardId() == null
            ? ""
            : Checks.name("exclusiveStartShardId", request.exclusiveStartShardId());
    StreamState stream = account.stream(request.stream());
    List<ShardInfo> shards =
        stream.shards(account.nowMillis()).stream()
            .filter(shard -> shard.shardId().compareTo(after) > 0)
            .map(ShardState::describe)
            .toList();
    boolean more = shards.size() > limit;
    return new StreamCall.DescribeStreamReply(
        descriptionOf(stream), more ? shards.subList(0, limit) : shards, more);
  }

  /** Describes a stream with its counts. */
  public StreamCall.DescribeStreamSummaryReply describeSummary(
      StreamCall.DescribeStreamSummary request) {
    StreamState stream = account.stream(request.stream());
    return new StreamCall.DescribeStreamSummaryReply(
        descriptionOf(stream), stream.lineage().open().shards().size(), stream.consumers().size());
  }

  /** Keeps records longer. */
  public Empty increaseRetention(StreamCall.IncreaseStreamRetentionPeriod request) {
    int hours = retentionOf(request.retentionPeriodHours());
    return changeActive(
        request.stream(),
        now -> {
          if (hours < now.retentionHours()) {
            throw Checks.invalidArgument(
                "Requested retention period ("
                    + hours
                    + " hours) can not be shorter than existing retention period ("
                    + now.retentionHours()
                    + " hours). Use DecreaseRetentionPeriod API.");
          }
          return now.withRetentionHours(hours);
        });
  }

  /** Keeps records for a shorter time. */
  public Empty decreaseRetention(StreamCall.DecreaseStreamRetentionPeriod request) {
    int hours = retentionOf(request.retentionPeriodHours());
    return changeActive(
        request.stream(),
        now -> {
          if (hours > now.retentionHours()) {
            throw Checks.invalidArgument(
                "Requested retention period ("
                    + hours
                    + " hours) can not be longer than existing retention period ("
                    + now.retentionHours()
                    + " hours). Use IncreaseRetentionPeriod API.");
          }
          return now.withRetentionHours(hours);
        });
  }

  /** Changes the capacity mode after the duration of a reshard. */
  public Empty updateMode(StreamCall.UpdateStreamMode request) {
    StreamMode mode = Checks.required("streamModeDetails.streamMode", request.mode());
    StreamState stream = account.streamByArn("streamARN", request.stream().arn());
    if (mode == StreamMode.PROVISIONED
        && stream.attributes().distribution() == RecordDistributionStrategy.AUTO) {
      throw Checks.invalidArgument(
          "Stream "
              + stream.name()
              + " has the record distribution strategy AUTO,"
              + " which the PROVISIONED mode does not support.");
    }
    updateLater(
        stream,
        () -> () -> stream.change(now -> now.withMode(mode, request.warmThroughputMiBps())));
    return Empty.EMPTY;
  }

  /** Changes the size of the largest record. */
  public Empty updateMaxRecordSize(StreamCall.UpdateMaxRecordSize request) {
    int kib = Checks.inRange("maxRecordSizeInKiB", request.maxRecordSizeInKiB(), 1_024, 10_240);
    Checks.required("streamARN", request.stream().arn());
    return changeActive(request.stream(), now -> now.withMaxRecordSizeInKiB(kib));
  }

  /** Changes how shards are chosen, at once. */
  public Empty updateDistribution(StreamCall.UpdateStreamRecordDistributionStrategy request) {
    RecordDistributionStrategy strategy =
        Checks.required("recordDistributionStrategy", request.distribution());
    Checks.required("streamARN", request.stream().arn());
    return changeActive(
        request.stream(),
        now -> {
          requireOnDemandFor(strategy, now.mode());
          return now.withDistribution(strategy);
        });
  }

  /** Changes the warm throughput. */
  public StreamCall.UpdateStreamWarmThroughputReply updateWarmThroughput(
      StreamCall.UpdateStreamWarmThroughput request) {
    int target =
        Checks.inRange("warmThroughputMiBps", request.warmThroughputMiBps(), 0, Integer.MAX_VALUE);
    StreamState stream = account.activeStream(request.stream());
    if (stream.attributes().mode() != StreamMode.ON_DEMAND) {
      throw provisionedOnly(stream, "UpdateStreamWarmThroughput", StreamMode.ON_DEMAND);
    }
    stream.change(now -> now.withMode(now.mode(), target));
    return new StreamCall.UpdateStreamWarmThroughputReply(
        stream.name(), stream.arn(), target, target);
  }

  /** Tells the account's limits. */
  public StreamCall.DescribeLimitsReply describeLimits() {
    int open = 0;
    int onDemand = 0;
    for (StreamState stream : account.streams().values()) {
      if (stream.attributes().mode() == StreamMode.ON_DEMAND) {
        onDemand++;
      } else {
        open += stream.lineage().open().shards().size();
      }
    }
    return new StreamCall.DescribeLimitsReply(
        account.settings().shardLimit(), open, onDemand, ON_DEMAND_STREAM_LIMIT);
  }

  /**
   * Has a stream be UPDATING for the duration of a reshard, then change.
   *
   * @param plan checks whether the change is possible, and gives it; runs under the stream's lock,
   *     so that nothing else changes the shards in between
   */
  void updateLater(StreamState stream, Supplier<Runnable> plan) {
    stream.exclusively(
        () -> {
          account.requireActive(stream);
          Runnable change = plan.get();
          stream.become(StreamStatus.UPDATING);
          stream.after(
              account.settings().reshardDuration().toNanos(),
              account.nowNanos(),
              () -> {
                if (stream.status() == StreamStatus.UPDATING) {
                  change.run();
                  stream.become(StreamStatus.ACTIVE);
                }
              });
          return Empty.EMPTY;
        });
    stream.lineage().open().shards().forEach(ShardState::signal);
    stream.lineage().signalClosed();
  }

  /** The error of a call that the other capacity mode does not support. */
  static KinesisError provisionedOnly(StreamState stream, String operation, StreamMode supported) {
    return new KinesisError(
        ErrorCode.VALIDATION,
        operation
            + " is only supported for data streams with the "
            + supported
            + " capacity mode; stream "
            + stream.name()
            + " has the mode "
            + stream.attributes().mode()
            + ".");
  }

  private StreamCall.StreamDescription descriptionOf(StreamState stream) {
    StreamAttributes now = stream.attributes();
    return new StreamCall.StreamDescription(
        stream.name(),
        stream.arn(),
        stream.status(),
        now.mode(),
        now.distribution(),
        now.retentionHours(),
        Instant.ofEpochMilli(stream.createdMillis()),
        now.encryption(),
        now.keyId(),
        now.maxRecordSizeInKiB(),
        now.warmThroughputMiBps(),
        List.copyOf(stream.metrics()));
  }

  private Empty changeActive(StreamRef ref, UnaryOperator<StreamAttributes> update) {
    StreamState stream = account.stream(ref);
    return stream.exclusively(
        () -> {
          account.requireActive(stream);
          stream.change(update);
          return Empty.EMPTY;
        });
  }

  private void requireOnDemandStream() {
    long existing =
        account.streams().values().stream()
            .filter(stream -> stream.attributes().mode() == StreamMode.ON_DEMAND)
            .count();
    if (existing >= ON_DEMAND_STREAM_LIMIT) {
      throw new KinesisError(
          ErrorCode.LIMIT_EXCEEDED,
          "The account has "
              + existing
              + " on-demand streams; the limit is "
              + ON_DEMAND_STREAM_LIMIT
              + ".");
    }
  }

  private static StreamAttributes attributesOf(StreamCall.CreateStream request) {
    StreamMode mode = Objects.requireNonNullElse(request.mode(), StreamMode.PROVISIONED);
    RecordDistributionStrategy strategy =
        Objects.requireNonNullElse(
            request.distribution(), RecordDistributionStrategy.USER_PARTITION_KEY);
    requireOnDemandFor(strategy, mode);
    int kib =
        Checks.inRangeOr("maxRecordSizeInKiB", request.maxRecordSizeInKiB(), 1_024, 10_240, 1_024);
    return new StreamAttributes(
        mode,
        strategy,
        DEFAULT_RETENTION_HOURS,
        kib,
        EncryptionType.NONE,
        null,
        request.warmThroughputMiBps());
  }

  private static int shardsOf(StreamCall.CreateStream request, StreamMode mode) {
    if (mode == StreamMode.ON_DEMAND) {
      return Checks.inRangeOr("shardCount", request.shardCount(), 1, MAX_SHARDS, ON_DEMAND_SHARDS);
    }
    return Checks.inRange("shardCount", request.shardCount(), 1, MAX_SHARDS);
  }

  private static void requireOnDemandFor(RecordDistributionStrategy strategy, StreamMode mode) {
    if (strategy == RecordDistributionStrategy.AUTO && mode != StreamMode.ON_DEMAND) {
      throw Checks.invalidArgument(
          "The record distribution strategy AUTO is only supported for on-demand streams.");
    }
  }

  private static int retentionOf(@Nullable Integer hours) {
    int given = Checks.required("retentionPeriodHours", hours);
    if (given < DEFAULT_RETENTION_HOURS || given > MAX_RETENTION_HOURS) {
      throw Checks.invalidArgument(
          "Retention period is "
              + given
              + " hours: it must be from "
              + DEFAULT_RETENTION_HOURS
              + " to "
              + MAX_RETENTION_HOURS
              + " hours.");
    }
    return given;
  }
}
