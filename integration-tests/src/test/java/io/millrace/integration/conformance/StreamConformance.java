package io.millrace.integration.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.integration.endpoint.Endpoint;
import io.millrace.integration.endpoint.Place;
import io.millrace.integration.endpoint.TestStream;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.kinesis.model.DescribeStreamResponse;
import software.amazon.awssdk.services.kinesis.model.ListShardsResponse;
import software.amazon.awssdk.services.kinesis.model.ListStreamsResponse;
import software.amazon.awssdk.services.kinesis.model.ScalingType;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.StreamDescriptionSummary;
import software.amazon.awssdk.services.kinesis.model.StreamMode;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;

/** Streams: create, describe, list, change, delete. */
abstract class StreamConformance extends Conformance {
  StreamConformance(Endpoint endpoint) {
    super(endpoint);
  }

  @Test
  void shardsOfANewStreamCoverTheWholeHashRangeWithoutOverlap() {
    TestStream stream = stream(3);

    List<Shard> shards = stream.openShards();

    assertThat(shards).hasSize(3);
    assertThat(TestStream.start(shards.get(0))).isZero();
    assertThat(TestStream.end(shards.get(2))).isEqualTo(MAX_HASH_KEY);
    for (int i = 1; i < shards.size(); i++) {
      assertThat(TestStream.start(shards.get(i)))
          .isEqualTo(TestStream.end(shards.get(i - 1)).add(BigInteger.ONE));
    }
  }

  @Test
  void shardIdsAreNumberedWithTwelveDigits() {
    TestStream stream = stream(2);

    assertThat(stream.openShards())
        .extracting(Shard::shardId)
        .containsExactly("shardId-000000000000", "shardId-000000000001");
  }

  @Test
  void summaryOfANewStreamHasTheServicesDefaults() {
    TestStream stream = stream(2);

    StreamDescriptionSummary summary = stream.awaitActive();

    assertThat(summary.openShardCount()).isEqualTo(2);
    assertThat(summary.retentionPeriodHours()).isEqualTo(24);
    assertThat(summary.consumerCount()).isZero();
    assertThat(summary.streamModeDetails().streamMode()).isEqualTo(StreamMode.PROVISIONED);
    assertThat(summary.streamARN())
        .matches("arn:aws:kinesis:[a-z0-9-]+:\\d{12}:stream/" + stream.name());
    assertThat(summary.streamCreationTimestamp()).isNotNull();
  }

  @Test
  void descriptionPagesThroughTheShards() {
    TestStream stream = stream(3);

    DescribeStreamResponse first =
        get(kinesis().describeStream(r -> r.streamName(stream.name()).limit(2)));
    DescribeStreamResponse second =
        get(
            kinesis()
                .describeStream(
                    r ->
                        r.streamName(stream.name())
                            .exclusiveStartShardId(
                                first.streamDescription().shards().get(1).shardId())));

    assertThat(first.streamDescription().hasMoreShards()).isTrue();
    assertThat(first.streamDescription().shards()).hasSize(2);
    assertThat(second.streamDescription().hasMoreShards()).isFalse();
    assertThat(second.streamDescription().shards()).hasSize(1);
  }

  @Test
  void streamIsFoundByItsArn() {
    TestStream stream = stream(1);

    assertThat(
            get(kinesis().describeStreamSummary(r -> r.streamARN(stream.arn())))
                .streamDescriptionSummary()
                .streamName())
        .isEqualTo(stream.name());
    assertThat(get(kinesis().listShards(r -> r.streamARN(stream.arn()))).shards()).hasSize(1);
  }

  @Test
  void unknownStreamIsResourceNotFound() {
    refused(
        () -> kinesis().describeStreamSummary(r -> r.streamName("no-such-stream")),
        "ResourceNotFoundException");
    refused(
        () -> kinesis().listShards(r -> r.streamName("no-such-stream")),
        "ResourceNotFoundException");
  }

  @Test
  void creatingAStreamTwiceIsResourceInUse() {
    TestStream stream = stream(1);

    refused(
        () -> kinesis().createStream(r -> r.streamName(stream.name()).shardCount(1)),
        "ResourceInUseException");
  }

  @Test
  void streamNameWithAForbiddenCharacterIsRefused() {
    refused(
        () -> kinesis().createStream(r -> r.streamName("not a name").shardCount(1)),
        "ValidationException",
        "InvalidArgumentException");
  }

  @Test
  @Differs(
      on = Place.KINESIS_LOCAL,
      service = "a stream without shards is refused as invalid",
      here = "refuses it with LimitExceededException, which clients retry")
  void streamWithoutShardsIsRefused() {
    refused(
        () -> kinesis().createStream(r -> r.streamName("without-shards").shardCount(0)),
        "ValidationException",
        "InvalidArgumentException");
  }

  @Test
  void deletedStreamIsGone() {
    TestStream stream = stream(1);

    get(kinesis().deleteStream(r -> r.streamName(stream.name())));

    TestStream.await(
        "the stream is gone",
        () -> {
          try {
            StreamStatus status =
                get(kinesis().describeStreamSummary(r -> r.streamName(stream.name())))
                    .streamDescriptionSummary()
                    .streamStatus();
            assertThat(status).isEqualTo(StreamStatus.DELETING);
            return false;
          } catch (software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException gone) {
            return true;
          }
        });
  }

  @Test
  void streamsAreListedInPages() {
    TestStream one = stream(1);
    TestStream two = stream(1);

    List<String> names = new ArrayList<>();
    ListStreamsResponse page = get(kinesis().listStreams(r -> r.limit(1)));
    names.addAll(page.streamNames());
    assertThat(page.streamNames()).hasSize(1);
    while (page.hasMoreStreams()) {
      page =
          get(kinesis().listStreams(r -> r.exclusiveStartStreamName(names.get(names.size() - 1))));
      names.addAll(page.streamNames());
    }

    assertThat(names).contains(one.name(), two.name()).doesNotHaveDuplicates().isSorted();
  }

  @Test
  void shardsAreListedInPagesByToken() {
    TestStream stream = stream(3);

    ListShardsResponse first =
        get(kinesis().listShards(r -> r.streamName(stream.name()).maxResults(2)));
    ListShardsResponse second = get(kinesis().listShards(r -> r.nextToken(first.nextToken())));

    assertThat(first.shards()).hasSize(2);
    assertThat(second.shards()).hasSize(1);
    assertThat(second.nextToken()).isNull();
  }

  @Test
  void shardListingTokenBesideAStreamNameIsRefused() {
    TestStream stream = stream(3);
    String token =
        get(kinesis().listShards(r -> r.streamName(stream.name()).maxResults(1))).nextToken();

    refused(
        () -> kinesis().listShards(r -> r.streamName(stream.name()).nextToken(token)),
        "InvalidArgumentException",
        "ValidationException");
  }

  @Test
  void retentionGoesUpAndDown() {
    TestStream stream = stream(1);

    get(
        kinesis()
            .increaseStreamRetentionPeriod(
                r -> r.streamName(stream.name()).retentionPeriodHours(48)));
    assertThat(stream.awaitActive().retentionPeriodHours()).isEqualTo(48);

    get(
        kinesis()
            .decreaseStreamRetentionPeriod(
                r -> r.streamName(stream.name()).retentionPeriodHours(24)));
    assertThat(stream.awaitActive().retentionPeriodHours()).isEqualTo(24);
  }

  @Test
  void retentionUnderADayOrOverAYearIsRefused() {
    TestStream stream = stream(1);

    refused(
        () ->
            kinesis()
                .decreaseStreamRetentionPeriod(
                    r -> r.streamName(stream.name()).retentionPeriodHours(23)),
        "InvalidArgumentException",
        "ValidationException");
    refused(
        () ->
            kinesis()
                .increaseStreamRetentionPeriod(
                    r -> r.streamName(stream.name()).retentionPeriodHours(8_761)),
        "InvalidArgumentException",
        "ValidationException");
  }

  @Test
  void shardCountDoubles() {
    TestStream stream = stream(2);

    get(
        kinesis()
            .updateShardCount(
                r ->
                    r.streamName(stream.name())
                        .targetShardCount(4)
                        .scalingType(ScalingType.UNIFORM_SCALING)));
    stream.awaitActive();

    TestStream.await("4 open shards", () -> stream.openShards().size() == 4);
    assertThat(stream.allShards()).hasSize(6);
  }

  @Test
  void shardCountBeyondTwiceTheOpenShardsIsRefused() {
    TestStream stream = stream(2);

    refused(
        () ->
            kinesis()
                .updateShardCount(
                    r ->
                        r.streamName(stream.name())
                            .targetShardCount(5)
                            .scalingType(ScalingType.UNIFORM_SCALING)),
        "LimitExceededException",
        "InvalidArgumentException",
        "ValidationException");
  }

  @Test
  void streamModeChangesByArn() {
    TestStream stream = stream(1);

    get(
        kinesis()
            .updateStreamMode(
                r ->
                    r.streamARN(stream.arn())
                        .streamModeDetails(m -> m.streamMode(StreamMode.ON_DEMAND))));

    assertThat(stream.awaitActive().streamModeDetails().streamMode())
        .isEqualTo(StreamMode.ON_DEMAND);
  }

  @Test
  void greatestRecordSizeChangesByArn() {
    TestStream stream = stream(1);

    get(kinesis().updateMaxRecordSize(r -> r.streamARN(stream.arn()).maxRecordSizeInKiB(2_048)));

    assertThat(stream.awaitActive().maxRecordSizeInKiB()).isEqualTo(2_048);
  }
}
