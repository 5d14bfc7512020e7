package io.millrace.testkit.kinesis;

import static io.millrace.testkit.kinesis.Endpoint.SHARD_0;
import static io.millrace.testkit.kinesis.Endpoint.SHARD_1;
import static io.millrace.testkit.kinesis.Endpoint.SHARD_2;
import static io.millrace.testkit.kinesis.Endpoint.START;
import static io.millrace.testkit.kinesis.Endpoint.STREAM;
import static io.millrace.testkit.kinesis.Endpoint.entryAt;
import static io.millrace.testkit.kinesis.Endpoint.hashKeyAt;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.testkit.kinesis.call.ShardCall;
import io.millrace.testkit.kinesis.call.ShardCall.ListShards;
import io.millrace.testkit.kinesis.call.ShardCall.ShardFilter;
import io.millrace.testkit.kinesis.call.ShardCall.SplitShard;
import io.millrace.testkit.kinesis.call.ShardCall.UpdateShardCount;
import io.millrace.testkit.kinesis.call.StreamCall;
import io.millrace.testkit.kinesis.model.ErrorCode;
import io.millrace.testkit.kinesis.model.ShardInfo;
import io.millrace.testkit.kinesis.model.StartingPosition;
import io.millrace.testkit.kinesis.model.StreamRef;
import io.millrace.testkit.kinesis.model.StreamStatus;
import io.millrace.testkit.kinesis.settings.CoreSettings;
import io.millrace.testkit.kinesis.settings.ServiceLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShardCallsTest {
  private static final String TOP = "340282366920938463463374607431768211455";

  @Test
  void splitClosesTheParentAndOpensTwoChildren() {
    Endpoint endpoint = Endpoint.withShards(1);

    endpoint.split(SHARD_0, 0.25);

    List<ShardInfo> shards = endpoint.shards();
    assertThat(shards).extracting(ShardInfo::shardId).containsExactly(SHARD_0, SHARD_1, SHARD_2);
    assertThat(shards.get(0).isOpen()).isFalse();
    assertThat(shards.get(1).parentShardId()).isEqualTo(SHARD_0);
    assertThat(shards.get(1).startingHashKey()).isEqualTo("0");
    assertThat(shards.get(2).startingHashKey()).isEqualTo(hashKeyAt(0.25));
    assertThat(shards.get(2).endingHashKey()).isEqualTo(TOP);
    assertThat(shards.get(2).adjacentParentShardId()).isNull();
  }

  @Test
  void splitPointMustBeInsideTheShardByMoreThanOneKey() {
    Endpoint endpoint = Endpoint.withShards(1);

    endpoint.refuses(ErrorCode.INVALID_ARGUMENT, new SplitShard(STREAM, SHARD_0, "0"));
    endpoint.refuses(ErrorCode.INVALID_ARGUMENT, new SplitShard(STREAM, SHARD_0, "1"));
    endpoint.refuses(ErrorCode.INVALID_ARGUMENT, new SplitShard(STREAM, SHARD_0, TOP));
    endpoint.refuses(
        ErrorCode.INVALID_ARGUMENT,
        new SplitShard(STREAM, SHARD_0, "340282366920938463463374607431768211456"));
    endpoint.refuses(ErrorCode.VALIDATION, new SplitShard(STREAM, SHARD_0, "-1"));
    endpoint.refuses(ErrorCode.VALIDATION, new SplitShard(STREAM, SHARD_0, null));

    endpoint.call(new SplitShard(STREAM, SHARD_0, "2"));

    assertThat(endpoint.shards().get(1).endingHashKey()).isEqualTo("1");
  }

  @Test
  void highestSplitPointLeavesTwoKeys() {
    Endpoint endpoint = Endpoint.withShards(1);

    endpoint.call(new SplitShard(STREAM, SHARD_0, "340282366920938463463374607431768211454"));

    assertThat(endpoint.shards().get(2).endingHashKey()).isEqualTo(TOP);
  }

  @Test
  void unknownOrClosedShardsCanNotBeSplit() {
    Endpoint endpoint = Endpoint.withShards(1);
    endpoint.split(SHARD_0, 0.5);

    endpoint.refuses(ErrorCode.INVALID_ARGUMENT, new SplitShard(STREAM, SHARD_0, "5"));
    endpoint.refuses(
        ErrorCode.RESOURCE_NOT_FOUND, new SplitShard(STREAM, "shardId-000000000009", "5"));
    endpoint.refuses(ErrorCode.RESOURCE_NOT_FOUND, new SplitShard(STREAM, "nonsense", "5"));
    endpoint.refuses(
        ErrorCode.RESOURCE_NOT_FOUND, new SplitShard(STREAM, "shardId-999999999999", "5"));
  }

  @Test
  void mergeOfNeighboursHasBothAsParents() {
    Endpoint endpoint = Endpoint.withShards(2);

    endpoint.merge(SHARD_1, SHARD_0);

    ShardInfo child = endpoint.shards().get(2);
    assertThat(child.parentShardId()).isEqualTo(SHARD_1);
    assertThat(child.adjacentParentShardId()).isEqualTo(SHARD_0);
    assertThat(child.startingHashKey()).isEqualTo("0");
    assertThat(child.endingHashKey()).isEqualTo(TOP);
  }

  @Test
  void onlyNeighboursMerge() {
    Endpoint endpoint = Endpoint.withShards(3);

    endpoint.refuses(
        ErrorCode.INVALID_ARGUMENT, new ShardCall.MergeShards(STREAM, SHARD_0, SHARD_2));
    endpoint.refuses(
        ErrorCode.INVALID_ARGUMENT, new ShardCall.MergeShards(STREAM, SHARD_0, SHARD_0));
  }

  @Test
  void reshardTakesItsDuration() {
    Endpoint endpoint =
        Endpoint.withShards(
            1, CoreSettings.builder().reshardDuration(Duration.ofSeconds(3)).build());

    endpoint.split(SHARD_0, 0.5);

    assertThat(endpoint.summary().description().status()).isEqualTo(StreamStatus.UPDATING);
    assertThat(endpoint.shards()).hasSize(1);
    assertThat(endpoint.put(entryAt(0.9, "still the parent")).results().get(0).shardId())
        .isEqualTo(SHARD_0);
    endpoint.refuses(ErrorCode.RESOURCE_IN_USE, new SplitShard(STREAM, SHARD_0, hashKeyAt(0.5)));
    endpoint.refuses(
        ErrorCode.RESOURCE_IN_USE, new StreamCall.IncreaseStreamRetentionPeriod(STREAM, 48));

    endpoint.advance(Duration.ofSeconds(3));

    assertThat(endpoint.summary().description().status()).isEqualTo(StreamStatus.ACTIVE);
    assertThat(endpoint.put(entryAt(0.9, "the child")).results().get(0).shardId())
        .isEqualTo(SHARD_2);
  }

  @Test
  void updateShardCountDoublesBySplits() {
    Endpoint endpoint = Endpoint.withShards(2);

    ShardCall.UpdateShardCountReply reply =
        endpoint.call(new UpdateShardCount(STREAM, 4, "UNIFORM_SCALING"));

    assertThat(reply.currentShardCount()).isEqualTo(2);
    assertThat(reply.targetShardCount()).isEqualTo(4);
    assertThat(endpoint.shards()).hasSize(6);
    assertThat(endpoint.shardIds(ShardFilter.Type.AT_LATEST)).hasSize(4);
  }

  @Test
  void updateShardCountStaysWithinHalfAndDouble() {
    Endpoint endpoint = Endpoint.withShards(5);

    endpoint.refuses(
        ErrorCode.INVALID_ARGUMENT, new UpdateShardCount(STREAM, 11, "UNIFORM_SCALING"));
    endpoint.refuses(
        ErrorCode.INVALID_ARGUMENT, new UpdateShardCount(STREAM, 2, "UNIFORM_SCALING"));
    endpoint.refuses(ErrorCode.VALIDATION, new UpdateShardCount(STREAM, 0, "UNIFORM_SCALING"));
    endpoint.refuses(ErrorCode.VALIDATION, new UpdateShardCount(STREAM, 6, "OTHER"));

    endpoint.call(new UpdateShardCount(STREAM, 3, "UNIFORM_SCALING"));

    assertThat(endpoint.summary().openShardCount()).isEqualTo(3);
  }

  @Test
  void filtersTellGenerationsApartThoughTheClockStoodStill() {
    Endpoint endpoint = Endpoint.withShards(1);
    endpoint.split(SHARD_0, 0.5);

    assertThat(endpoint.shardIds(ShardFilter.Type.AT_TRIM_HORIZON)).containsExactly(SHARD_0);
    assertThat(endpoint.shardIds(ShardFilter.Type.AT_LATEST)).containsExactly(SHARD_1, SHARD_2);
    assertThat(endpoint.shardIds(ShardFilter.Type.FROM_TRIM_HORIZON)).hasSize(3);
    assertThat(endpoint.shardIds(new ShardFilter(ShardFilter.Type.AFTER_SHARD_ID, SHARD_0, null)))
        .containsExactly(SHARD_1, SHARD_2);
  }

  @Test
  void timeFiltersShowWhatWasOpenThen() {
    Endpoint endpoint = Endpoint.withShards(1);
    endpoint.advance(Duration.ofMinutes(1));
    endpoint.split(SHARD_0, 0.5);
    endpoint.advance(Duration.ofMinutes(1));
    Instant before = START.plusSeconds(30);
    Instant after = START.plusSeconds(90);

    assertThat(endpoint.shardIds(new ShardFilter(ShardFilter.Type.AT_TIMESTAMP, null, before)))
        .containsExactly(SHARD_0);
    assertThat(endpoint.shardIds(new ShardFilter(ShardFilter.Type.AT_TIMESTAMP, null, after)))
        .containsExactly(SHARD_1, SHARD_2);
    assertThat(endpoint.shardIds(new ShardFilter(ShardFilter.Type.FROM_TIMESTAMP, null, before)))
        .containsExactly(SHARD_0, SHARD_1, SHARD_2);
    assertThat(endpoint.shardIds(new ShardFilter(ShardFilter.Type.FROM_TIMESTAMP, null, after)))
        .containsExactly(SHARD_1, SHARD_2);
    assertThat(
            endpoint.shardIds(
                new ShardFilter(ShardFilter.Type.AT_TIMESTAMP, null, START.minusSeconds(9))))
        .containsExactly(SHARD_0);
  }

  @Test
  void filtersNeedTheirOwnArguments() {
    Endpoint endpoint = Endpoint.withShards(1);
    Instant future = START.plusSeconds(1);

    endpoint.refuses(
        ErrorCode.INVALID_ARGUMENT,
        ListShards.of(STREAM, ShardFilter.of(ShardFilter.Type.AFTER_SHARD_ID)));
    endpoint.refuses(
        ErrorCode.INVALID_ARGUMENT,
        ListShards.of(STREAM, ShardFilter.of(ShardFilter.Type.AT_TIMESTAMP)));
    endpoint.refuses(
        ErrorCode.INVALID_ARGUMENT,
        ListShards.of(STREAM, new ShardFilter(ShardFilter.Type.AT_LATEST, SHARD_0, null)));
    endpoint.refuses(
        ErrorCode.INVALID_ARGUMENT,
        ListShards.of(STREAM, new ShardFilter(ShardFilter.Type.AT_TIMESTAMP, null, future)));
    endpoint.refuses(
        ErrorCode.VALIDATION, ListShards.of(STREAM, new ShardFilter(null, null, null)));
  }

  @Test
  void listingContinuesByTokenWithItsFilter() {
    Endpoint endpoint = Endpoint.withShards(2);
    endpoint.split(SHARD_0, 0.25);
    ShardFilter open = ShardFilter.of(ShardFilter.Type.AT_LATEST);

    ShardCall.ListShardsReply first =
        endpoint.call(new ListShards(STREAM, null, null, 2, null, open));
    ShardCall.ListShardsReply second = endpoint.call(ListShards.next(first.nextToken()));

    assertThat(first.shards()).extracting(ShardInfo::shardId).containsExactly(SHARD_1, SHARD_2);
    assertThat(second.shards())
        .extracting(ShardInfo::shardId)
        .containsExactly("shardId-000000000003");
    assertThat(second.nextToken()).isNull();
  }

  @Test
  void fullLastPageHasNoToken() {
    Endpoint endpoint = Endpoint.withShards(2);

    assertThat(endpoint.call(new ListShards(STREAM, null, null, 2, null, null)).nextToken())
        .isNull();
  }

  @Test
  void tokenStandsAlone() {
    Endpoint endpoint = Endpoint.withShards(2);
    String token = endpoint.call(new ListShards(STREAM, null, null, 1, null, null)).nextToken();

    endpoint.refuses(
        ErrorCode.INVALID_ARGUMENT, new ListShards(STREAM, token, null, null, null, null));
    endpoint.refuses(
        ErrorCode.INVALID_ARGUMENT,
        new ListShards(StreamRef.NONE, token, SHARD_0, null, null, null));
    endpoint.refuses(
        ErrorCode.INVALID_ARGUMENT, new ListShards(StreamRef.NONE, null, null, null, null, null));
    endpoint.refuses(ErrorCode.INVALID_ARGUMENT, ListShards.next("garbage"));
    assertThat(endpoint.call(new ListShards(StreamRef.NONE, token, null, 5, null, null)).shards())
        .hasSize(1);
  }

  @Test
  void tokensOfListingsExpire() {
    Endpoint endpoint = Endpoint.withShards(2, ServiceLimits.NONE.withExpiry(true));
    String token = endpoint.call(new ListShards(STREAM, null, null, 1, null, null)).nextToken();

    endpoint.advance(Duration.ofSeconds(301));

    endpoint.refuses(ErrorCode.EXPIRED_NEXT_TOKEN, ListShards.next(token));
  }

  @Test
  void exclusiveStartAndPageSizeAreChecked() {
    Endpoint endpoint = Endpoint.withShards(3);

    assertThat(endpoint.call(new ListShards(STREAM, null, SHARD_0, null, null, null)).shards())
        .extracting(ShardInfo::shardId)
        .containsExactly(SHARD_1, SHARD_2);
    endpoint.refuses(ErrorCode.VALIDATION, new ListShards(STREAM, null, null, 0, null, null));
    endpoint.refuses(ErrorCode.VALIDATION, new ListShards(STREAM, null, null, 10_001, null, null));
  }

  @Test
  void creationTimestampTellsStreamsOfOneNameApart() {
    Endpoint endpoint = Endpoint.withShards(1);

    assertThat(endpoint.call(new ListShards(STREAM, null, null, null, START, null)).shards())
        .hasSize(1);
    endpoint.refuses(
        ErrorCode.RESOURCE_NOT_FOUND,
        new ListShards(STREAM, null, null, null, START.minusSeconds(1), null));
  }

  @Test
  void closedShardsExpireWithTheirRetention() {
    Endpoint endpoint = Endpoint.withShards(1, ServiceLimits.NONE.withRetention(true));
    endpoint.putTexts("old");
    endpoint.advance(Duration.ofHours(1));
    endpoint.split(SHARD_0, 0.5);
    endpoint.advance(Duration.ofHours(24));
    assertThat(endpoint.shards()).hasSize(3);
    assertThat(endpoint.textsFrom(SHARD_0, StartingPosition.trimHorizon())).isEmpty();

    endpoint.advance(Duration.ofMillis(2));

    assertThat(endpoint.shards()).extracting(ShardInfo::shardId).containsExactly(SHARD_1, SHARD_2);
    assertThat(endpoint.shards().get(0).parentShardId()).isEqualTo(SHARD_0);
    assertThat(endpoint.shardIds(ShardFilter.Type.AT_TRIM_HORIZON))
        .containsExactly(SHARD_1, SHARD_2);
  }

  @Test
  void childrensNumbersAreAboveTheirParents() {
    Endpoint endpoint = Endpoint.withShards(1);
    endpoint.putTexts("a", "b");
    endpoint.split(SHARD_0, 0.5);

    List<ShardInfo> shards = endpoint.shards();
    String parentEnd = String.valueOf(shards.get(0).endingSequenceNumber());

    assertThat(endpoint.readAll(SHARD_0))
        .allMatch(record -> record.sequenceNumber().compareTo(parentEnd) < 0);
    assertThat(shards.subList(1, 3))
        .allMatch(child -> child.startingSequenceNumber().compareTo(parentEnd) > 0);
  }
}
