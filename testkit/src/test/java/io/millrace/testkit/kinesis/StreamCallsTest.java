package io.millrace.testkit.kinesis;

import static io.millrace.testkit.kinesis.Endpoint.STREAM;
import static io.millrace.testkit.kinesis.Endpoint.entry;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.testkit.kinesis.call.RecordCall.PutRecords;
import io.millrace.testkit.kinesis.call.ShardCall;
import io.millrace.testkit.kinesis.call.StreamCall;
import io.millrace.testkit.kinesis.call.StreamCall.CreateStream;
import io.millrace.testkit.kinesis.call.StreamCall.DescribeStream;
import io.millrace.testkit.kinesis.call.StreamCall.DescribeStreamSummary;
import io.millrace.testkit.kinesis.call.StreamCall.ListStreams;
import io.millrace.testkit.kinesis.model.ErrorCode;
import io.millrace.testkit.kinesis.model.RecordDistributionStrategy;
import io.millrace.testkit.kinesis.model.ShardInfo;
import io.millrace.testkit.kinesis.model.StreamMode;
import io.millrace.testkit.kinesis.model.StreamRef;
import io.millrace.testkit.kinesis.model.StreamStatus;
import io.millrace.testkit.kinesis.settings.CoreSettings;
import io.millrace.testkit.kinesis.settings.ServiceLimits;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StreamCallsTest {
  @Test
  void newStreamHasItsShardsAndDefaults() {
    Endpoint endpoint = Endpoint.withShards(3);

    StreamCall.DescribeStreamSummaryReply summary = endpoint.summary();

    assertThat(summary.openShardCount()).isEqualTo(3);
    assertThat(summary.consumerCount()).isZero();
    assertThat(summary.description().streamArn())
        .isEqualTo("arn:aws:kinesis:us-east-1:000000000000:stream/orders");
    assertThat(summary.description().status()).isEqualTo(StreamStatus.ACTIVE);
    assertThat(summary.description().mode()).isEqualTo(StreamMode.PROVISIONED);
    assertThat(summary.description().retentionPeriodHours()).isEqualTo(24);
    assertThat(summary.description().maxRecordSizeInKiB()).isEqualTo(1024);
    assertThat(summary.description().creationTimestamp()).isEqualTo(Endpoint.START);
  }

  @Test
  void shardsOfNewStreamShareTheHashKeysEvenly() {
    List<ShardInfo> shards = Endpoint.withShards(2).shards();

    assertThat(shards)
        .extracting(ShardInfo::startingHashKey, ShardInfo::endingHashKey)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("0", "170141183460469231731687303715884105727"),
            org.assertj.core.groups.Tuple.tuple(
                "170141183460469231731687303715884105728",
                "340282366920938463463374607431768211455"));
    assertThat(shards).allMatch(ShardInfo::isOpen);
    assertThat(shards).allMatch(shard -> shard.parentShardId() == null);
  }

  @Test
  void streamOfTheSameNameIsInUse() {
    Endpoint.withShards(1)
        .refuses(ErrorCode.RESOURCE_IN_USE, CreateStream.provisioned("orders", 1));
  }

  @Test
  void badNamesAndCountsAreValidationErrors() {
    Endpoint endpoint = Endpoint.withShards(1);

    endpoint.refuses(ErrorCode.VALIDATION, CreateStream.provisioned("", 1));
    endpoint.refuses(ErrorCode.VALIDATION, CreateStream.provisioned("a b", 1));
    endpoint.refuses(ErrorCode.VALIDATION, CreateStream.provisioned("x".repeat(129), 1));
    endpoint.refuses(ErrorCode.VALIDATION, CreateStream.provisioned("x", 0));
    endpoint.refuses(
        ErrorCode.VALIDATION, new CreateStream(null, 1, null, Map.of(), null, null, null));
    endpoint.refuses(
        ErrorCode.VALIDATION, new CreateStream("x", null, null, Map.of(), null, null, null));
    endpoint.refuses(
        ErrorCode.VALIDATION, new CreateStream("x", 1, null, Map.of(), 1023, null, null));
  }

  @Test
  void shardLimitOfTheAccountIsEnforced() {
    Endpoint endpoint = Endpoint.withShards(3, CoreSettings.builder().shardLimit(4).build());

    endpoint.refuses(ErrorCode.LIMIT_EXCEEDED, CreateStream.provisioned("more", 2));

    endpoint.call(CreateStream.provisioned("more", 1));
  }

  @Test
  void unknownStreamIsNotFound() {
    Endpoint endpoint = Endpoint.withShards(1);

    endpoint.refuses(
        ErrorCode.RESOURCE_NOT_FOUND, new DescribeStreamSummary(StreamRef.ofName("nope")));
    endpoint.refuses(
        ErrorCode.RESOURCE_NOT_FOUND,
        new DescribeStreamSummary(
            StreamRef.ofArn("arn:aws:kinesis:eu-west-1:000000000000:stream/orders")));
  }

  @Test
  void streamIsFoundByArnAndByBoth() {
    Endpoint endpoint = Endpoint.withShards(1);
    String arn = endpoint.streamArn();

    assertThat(endpoint.call(new DescribeStreamSummary(StreamRef.ofArn(arn))).openShardCount())
        .isEqualTo(1);
    assertThat(
            endpoint.call(new DescribeStreamSummary(new StreamRef("orders", arn))).openShardCount())
        .isEqualTo(1);
    endpoint.refuses(
        ErrorCode.INVALID_ARGUMENT, new DescribeStreamSummary(new StreamRef("other", arn)));
    endpoint.refuses(ErrorCode.INVALID_ARGUMENT, new DescribeStreamSummary(StreamRef.NONE));
    endpoint.refuses(
        ErrorCode.VALIDATION, new DescribeStreamSummary(StreamRef.ofArn("arn:aws:s3:::bucket")));
  }

  @Test
  void streamIsCreatingForItsDuration() {
    Endpoint endpoint =
        Endpoint.withShards(
            1, CoreSettings.builder().createDuration(Duration.ofSeconds(2)).build());

    assertThat(endpoint.summary().description().status()).isEqualTo(StreamStatus.CREATING);
    endpoint.refuses(
        ErrorCode.RESOURCE_NOT_FOUND, new PutRecords(STREAM, List.of(entry("k", "x"))));
    endpoint.refuses(ErrorCode.RESOURCE_IN_USE, ShardCall.ListShards.of(STREAM, null));

    endpoint.advance(Duration.ofSeconds(2));

    assertThat(endpoint.summary().description().status()).isEqualTo(StreamStatus.ACTIVE);
    assertThat(endpoint.shardIds(ShardCall.ShardFilter.Type.AT_TRIM_HORIZON)).hasSize(1);
    assertThat(endpoint.put(entry("k", "x")).failedRecordCount()).isZero();
  }

  @Test
  void streamIsDeletingForItsDurationThenGone() {
    Endpoint endpoint =
        Endpoint.withShards(
            1, CoreSettings.builder().deleteDuration(Duration.ofSeconds(2)).build());

    endpoint.call(new StreamCall.DeleteStream(STREAM, false));

    assertThat(endpoint.summary().description().status()).isEqualTo(StreamStatus.DELETING);
    endpoint.refuses(
        ErrorCode.RESOURCE_NOT_FOUND, new PutRecords(STREAM, List.of(entry("k", "x"))));
    endpoint.refuses(ErrorCode.RESOURCE_IN_USE, CreateStream.provisioned("orders", 1));

    endpoint.advance(Duration.ofSeconds(2));

    endpoint.refuses(ErrorCode.RESOURCE_NOT_FOUND, new DescribeStreamSummary(STREAM));
    endpoint.call(CreateStream.provisioned("orders", 1));
  }

  @Test
  void streamDeletedWhileCreatingStaysDeleted() {
    CoreSettings settings =
        CoreSettings.builder()
            .createDuration(Duration.ofSeconds(5))
            .deleteDuration(Duration.ofSeconds(10))
            .build();
    Endpoint endpoint = Endpoint.withShards(1, settings);

    endpoint.call(new StreamCall.DeleteStream(STREAM, false));
    endpoint.advance(Duration.ofSeconds(6));

    assertThat(endpoint.summary().description().status()).isEqualTo(StreamStatus.DELETING);
  }

  @Test
  void streamsAreListedInPages() {
    Endpoint endpoint = Endpoint.empty(CoreSettings.defaults());
    List.of("c", "a", "b").forEach(name -> endpoint.call(CreateStream.provisioned(name, 1)));

    StreamCall.ListStreamsReply first = endpoint.call(new ListStreams(2, null, null));
    StreamCall.ListStreamsReply second = endpoint.call(new ListStreams(2, null, first.nextToken()));

    assertThat(first.streams())
        .extracting(StreamCall.StreamSummary::streamName)
        .containsExactly("a", "b");
    assertThat(first.hasMoreStreams()).isTrue();
    assertThat(second.streams())
        .extracting(StreamCall.StreamSummary::streamName)
        .containsExactly("c");
    assertThat(second.hasMoreStreams()).isFalse();
    assertThat(endpoint.call(new ListStreams(null, "a", null)).streams()).hasSize(2);
  }

  @Test
  void describeStreamPagesItsShardsByAtMostHundred() {
    Endpoint endpoint = Endpoint.withShards(150);

    StreamCall.DescribeStreamReply first = endpoint.call(new DescribeStream(STREAM, 1_000, null));
    StreamCall.DescribeStreamReply second =
        endpoint.call(new DescribeStream(STREAM, null, first.shards().get(99).shardId()));

    assertThat(first.shards()).hasSize(100);
    assertThat(first.hasMoreShards()).isTrue();
    assertThat(second.shards()).hasSize(50);
    assertThat(second.hasMoreShards()).isFalse();
  }

  @Test
  void retentionGoesUpAndDownWithinItsBounds() {
    Endpoint endpoint = Endpoint.withShards(1);

    endpoint.call(new StreamCall.IncreaseStreamRetentionPeriod(STREAM, 48));
    assertThat(endpoint.summary().description().retentionPeriodHours()).isEqualTo(48);
    endpoint.refuses(
        ErrorCode.INVALID_ARGUMENT, new StreamCall.IncreaseStreamRetentionPeriod(STREAM, 47));
    endpoint.refuses(
        ErrorCode.INVALID_ARGUMENT, new StreamCall.IncreaseStreamRetentionPeriod(STREAM, 8_761));
    endpoint.refuses(
        ErrorCode.INVALID_ARGUMENT, new StreamCall.DecreaseStreamRetentionPeriod(STREAM, 49));
    endpoint.refuses(
        ErrorCode.INVALID_ARGUMENT, new StreamCall.DecreaseStreamRetentionPeriod(STREAM, 23));

    endpoint.call(new StreamCall.DecreaseStreamRetentionPeriod(STREAM, 24));

    assertThat(endpoint.summary().description().retentionPeriodHours()).isEqualTo(24);
  }

  @Test
  void modeChangesWithTheStreamUpdating() {
    Endpoint endpoint =
        Endpoint.withShards(
            1, CoreSettings.builder().reshardDuration(Duration.ofSeconds(1)).build());
    StreamRef byArn = StreamRef.ofArn(endpoint.streamArn());

    endpoint.call(new StreamCall.UpdateStreamMode(byArn, StreamMode.ON_DEMAND, null));

    assertThat(endpoint.summary().description().status()).isEqualTo(StreamStatus.UPDATING);
    assertThat(endpoint.summary().description().mode()).isEqualTo(StreamMode.PROVISIONED);
    endpoint.advance(Duration.ofSeconds(1));
    assertThat(endpoint.summary().description().status()).isEqualTo(StreamStatus.ACTIVE);
    assertThat(endpoint.summary().description().mode()).isEqualTo(StreamMode.ON_DEMAND);
  }

  @Test
  void autoDistributionNeedsAnOnDemandStream() {
    Endpoint endpoint = Endpoint.withShards(1);
    StreamRef byArn = StreamRef.ofArn(endpoint.streamArn());
    StreamCall.UpdateStreamRecordDistributionStrategy toAuto =
        new StreamCall.UpdateStreamRecordDistributionStrategy(
            byArn, RecordDistributionStrategy.AUTO);

    endpoint.refuses(ErrorCode.INVALID_ARGUMENT, toAuto);
    endpoint.refuses(
        ErrorCode.INVALID_ARGUMENT,
        new CreateStream(
            "x", 1, StreamMode.PROVISIONED, Map.of(), null, RecordDistributionStrategy.AUTO, null));

    endpoint.call(new StreamCall.UpdateStreamMode(byArn, StreamMode.ON_DEMAND, null));
    endpoint.call(toAuto);
    assertThat(endpoint.summary().description().distribution())
        .isEqualTo(RecordDistributionStrategy.AUTO);
    endpoint.refuses(
        ErrorCode.INVALID_ARGUMENT,
        new StreamCall.UpdateStreamMode(byArn, StreamMode.PROVISIONED, null));
  }

  @Test
  void maxRecordSizeStaysBetweenOneAndTenMebibytes() {
    Endpoint endpoint = Endpoint.withShards(1);
    StreamRef byArn = StreamRef.ofArn(endpoint.streamArn());

    endpoint.call(new StreamCall.UpdateMaxRecordSize(byArn, 10_240));

    assertThat(endpoint.summary().description().maxRecordSizeInKiB()).isEqualTo(10_240);
    endpoint.refuses(ErrorCode.VALIDATION, new StreamCall.UpdateMaxRecordSize(byArn, 10_241));
    endpoint.refuses(ErrorCode.VALIDATION, new StreamCall.UpdateMaxRecordSize(STREAM, 2_048));
  }

  @Test
  void onDemandStreamHasFourShardsUnlessTold() {
    Endpoint endpoint = Endpoint.empty(CoreSettings.defaults());

    endpoint.call(CreateStream.onDemand("orders", RecordDistributionStrategy.USER_PARTITION_KEY));

    assertThat(endpoint.summary().openShardCount()).isEqualTo(4);
    endpoint.refuses(
        ErrorCode.VALIDATION, new ShardCall.UpdateShardCount(STREAM, 8, "UNIFORM_SCALING"));
    endpoint.refuses(ErrorCode.VALIDATION, new ShardCall.SplitShard(STREAM, Endpoint.SHARD_0, "5"));
    endpoint.core.scale("orders", 6);
    assertThat(endpoint.summary().openShardCount()).isEqualTo(6);
  }

  @Test
  void limitsCountShardsOfProvisionedStreamsAlone() {
    Endpoint endpoint = Endpoint.withShards(3);
    endpoint.call(CreateStream.onDemand("od", RecordDistributionStrategy.AUTO));

    StreamCall.DescribeLimitsReply limits = endpoint.call(new StreamCall.DescribeLimits());

    assertThat(limits.openShardCount()).isEqualTo(3);
    assertThat(limits.onDemandStreamCount()).isEqualTo(1);
  }

  @Test
  void warmThroughputIsForOnDemandStreams() {
    Endpoint endpoint = Endpoint.withShards(1);
    endpoint.call(CreateStream.onDemand("od", RecordDistributionStrategy.AUTO));

    endpoint.refuses(ErrorCode.VALIDATION, new StreamCall.UpdateStreamWarmThroughput(STREAM, 10));

    assertThat(
            endpoint
                .call(new StreamCall.UpdateStreamWarmThroughput(StreamRef.ofName("od"), 10))
                .targetMiBps())
        .isEqualTo(10);
  }

  @Test
  void paginationTokensExpireAfterFiveMinutes() {
    Endpoint endpoint = Endpoint.withShards(1, ServiceLimits.NONE.withExpiry(true));
    endpoint.call(CreateStream.provisioned("other", 1));
    String token = endpoint.call(new ListStreams(1, null, null)).nextToken();

    endpoint.advance(Duration.ofMinutes(5));
    assertThat(endpoint.call(new ListStreams(1, null, token)).streams()).hasSize(1);
    endpoint.advance(Duration.ofNanos(1));

    endpoint.refuses(ErrorCode.EXPIRED_NEXT_TOKEN, new ListStreams(1, null, token));
    endpoint.refuses(ErrorCode.INVALID_ARGUMENT, new ListStreams(1, null, "garbage"));
  }
}
