package io.millrace.integration.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.integration.endpoint.Endpoint;
import io.millrace.integration.endpoint.Place;
import io.millrace.integration.endpoint.TestStream;
import java.math.BigInteger;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.kinesis.model.ChildShard;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardFilterType;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.SplitShardResponse;

/** SplitShard, MergeShards, and what readers and writers see of them. */
abstract class ReshardConformance extends Conformance {
  private static final String[] INVALID = {"InvalidArgumentException", "ValidationException"};

  ReshardConformance(Endpoint endpoint) {
    super(endpoint);
  }

  @Test
  void splitClosesTheParentAndOpensTwoChildrenOverItsRange() {
    TestStream stream = stream(1);
    Shard parent = stream.openShards().get(0);

    stream.split(parent);

    List<Shard> children = stream.openShards();
    assertThat(children).hasSize(2);
    assertThat(children).allSatisfy(c -> assertThat(c.parentShardId()).isEqualTo(parent.shardId()));
    assertThat(children).allSatisfy(c -> assertThat(c.adjacentParentShardId()).isNull());
    assertThat(TestStream.start(children.get(0))).isEqualTo(TestStream.start(parent));
    assertThat(TestStream.end(children.get(1))).isEqualTo(TestStream.end(parent));
    Shard closed = shard(stream, parent.shardId());
    assertThat(closed.sequenceNumberRange().endingSequenceNumber()).isNotNull();
    assertThat(children)
        .allSatisfy(c -> assertThat(c.sequenceNumberRange().endingSequenceNumber()).isNull());
  }

  @Test
  void mergeClosesBothParentsAndNamesThemInTheChild() {
    TestStream stream = stream(2);
    List<Shard> parents = stream.openShards();

    stream.merge(parents.get(0), parents.get(1));

    List<Shard> children = stream.openShards();
    assertThat(children).hasSize(1);
    assertThat(children.get(0).parentShardId()).isEqualTo(parents.get(0).shardId());
    assertThat(children.get(0).adjacentParentShardId()).isEqualTo(parents.get(1).shardId());
    assertThat(TestStream.end(children.get(0))).isEqualTo(MAX_HASH_KEY);
  }

  @Test
  void closedShardIsReadToItsEndAndThenNamesItsChildren() {
    TestStream stream = stream(1);
    Shard parent = stream.openShards().get(0);
    put(stream, "k", "in the parent");
    stream.split(parent);

    String iterator = iterator(stream, parent.shardId(), ShardIteratorType.TRIM_HORIZON);
    GetRecordsResponse[] last = {records(iterator)};
    int[] count = {last[0].records().size()};
    TestStream.await(
        "the end of the shard",
        () -> {
          if (last[0].nextShardIterator() == null) {
            return true;
          }
          last[0] = records(last[0].nextShardIterator());
          count[0] += last[0].records().size();
          return false;
        });

    assertThat(count[0]).isEqualTo(1);
    assertThat(last[0].childShards())
        .extracting(ChildShard::shardId)
        .containsExactlyInAnyOrderElementsOf(
            stream.openShards().stream().map(Shard::shardId).toList());
    assertThat(last[0].childShards())
        .allSatisfy(c -> assertThat(c.parentShards()).containsExactly(parent.shardId()));
  }

  @Test
  void recordsAfterASplitLandInAChildWithGreaterSequenceNumbers() {
    TestStream stream = stream(1);
    Shard parent = stream.openShards().get(0);
    BigInteger before = new BigInteger(put(stream, "k", "1").sequenceNumber());
    stream.split(parent);

    var after = put(stream, "k", "2");

    assertThat(stream.openShards()).extracting(Shard::shardId).contains(after.shardId());
    assertThat(new BigInteger(after.sequenceNumber())).isGreaterThan(before);
    assertThat(
            new BigInteger(
                shard(stream, after.shardId()).sequenceNumberRange().startingSequenceNumber()))
        .isGreaterThan(
            new BigInteger(
                shard(stream, parent.shardId()).sequenceNumberRange().endingSequenceNumber()));
  }

  @Test
  void splittingAClosedShardIsRefused() {
    TestStream stream = stream(1);
    Shard parent = stream.openShards().get(0);
    stream.split(parent);

    refused(
        () ->
            kinesis()
                .splitShard(
                    r ->
                        r.streamName(stream.name())
                            .shardToSplit(parent.shardId())
                            .newStartingHashKey("12345")),
        "InvalidArgumentException",
        "ResourceInUseException",
        "ResourceNotFoundException");
  }

  @Test
  void splitOutsideTheRangeIsRefused() {
    TestStream stream = stream(2);
    Shard first = stream.openShards().get(0);

    refused(() -> split(stream, first, TestStream.end(first).add(BigInteger.ONE)), INVALID);
  }

  @Test
  @Differs(
      on = Place.KINESIS_LOCAL,
      service = "a split at the first hash key of the shard is refused: one child would be empty",
      here = "splits")
  void splitAtTheStartOfTheRangeIsRefused() {
    TestStream stream = stream(2);
    Shard first = stream.openShards().get(0);

    refused(() -> split(stream, first, TestStream.start(first)), INVALID);
  }

  @Test
  void mergingShardsThatAreNotAdjacentIsRefused() {
    TestStream stream = stream(3);
    List<Shard> shards = stream.openShards();

    refused(
        () ->
            kinesis()
                .mergeShards(
                    r ->
                        r.streamName(stream.name())
                            .shardToMerge(shards.get(0).shardId())
                            .adjacentShardToMerge(shards.get(2).shardId())),
        INVALID);
  }

  @Test
  void filterAtLatestListsOpenShardsOnly() {
    TestStream stream = splitOnce();

    assertThat(listed(stream, ShardFilterType.AT_LATEST))
        .containsExactly("shardId-000000000001", "shardId-000000000002");
  }

  @Test
  @Differs(
      on = Place.KINESIS_LOCAL,
      service = "AT_TRIM_HORIZON lists the shards that were open at the trim horizon",
      here = "lists the children as well")
  void filterAtTrimHorizonListsTheShardsThatWereOpenThen() {
    TestStream stream = splitOnce();

    assertThat(listed(stream, ShardFilterType.AT_TRIM_HORIZON))
        .containsExactly("shardId-000000000000");
  }

  @Test
  void filterFromTrimHorizonListsEveryShardWithinRetention() {
    TestStream stream = splitOnce();

    assertThat(listed(stream, ShardFilterType.FROM_TRIM_HORIZON))
        .containsExactly("shardId-000000000000", "shardId-000000000001", "shardId-000000000002");
  }

  @Test
  void filterAfterShardIdListsTheShardsBehindIt() {
    TestStream stream = splitOnce();

    assertThat(
            get(kinesis()
                    .listShards(
                        r ->
                            r.streamName(stream.name())
                                .shardFilter(
                                    f ->
                                        f.type(ShardFilterType.AFTER_SHARD_ID)
                                            .shardId("shardId-000000000000"))))
                .shards())
        .extracting(Shard::shardId)
        .containsExactly("shardId-000000000001", "shardId-000000000002");
  }

  private CompletableFuture<SplitShardResponse> split(
      TestStream stream, Shard shard, BigInteger at) {
    return kinesis()
        .splitShard(
            r ->
                r.streamName(stream.name())
                    .shardToSplit(shard.shardId())
                    .newStartingHashKey(at.toString()));
  }

  private TestStream splitOnce() {
    TestStream stream = stream(1);
    stream.split(stream.openShards().get(0));
    return stream;
  }

  private List<String> listed(TestStream stream, ShardFilterType type) {
    return get(
            kinesis().listShards(r -> r.streamName(stream.name()).shardFilter(f -> f.type(type))))
        .shards()
        .stream()
        .map(Shard::shardId)
        .toList();
  }

  private static Shard shard(TestStream stream, String id) {
    return stream.allShards().stream()
        .filter(s -> s.shardId().equals(id))
        .findFirst()
        .orElseThrow();
  }
}
