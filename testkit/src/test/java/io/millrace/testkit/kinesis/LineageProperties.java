package io.millrace.testkit.kinesis;

import static io.millrace.testkit.kinesis.Endpoint.STREAM;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.model.HashKey;
import io.millrace.model.HashRange;
import io.millrace.testkit.kinesis.call.RecordCall.GetRecordsReply;
import io.millrace.testkit.kinesis.call.RecordCall.PutEntry;
import io.millrace.testkit.kinesis.call.RecordCall.PutRecords;
import io.millrace.testkit.kinesis.call.ShardCall;
import io.millrace.testkit.kinesis.call.ShardCall.ShardFilter;
import io.millrace.testkit.kinesis.model.ChildShard;
import io.millrace.testkit.kinesis.model.ErrorCode;
import io.millrace.testkit.kinesis.model.KinesisError;
import io.millrace.testkit.kinesis.model.ShardInfo;
import io.millrace.testkit.kinesis.model.StartingPosition;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Random sequences of reshards under traffic. */
class LineageProperties {
  private static final ShardFilter OPEN = ShardFilter.of(ShardFilter.Type.AT_LATEST);

  @Property(tries = 60)
  void openShardsCoverAllHashKeysOnceAfterEveryStep(
      @ForAll @IntRange(min = 1, max = 6) int shards, @ForAll long seed) {
    Endpoint endpoint = Endpoint.withShards(shards);
    RandomGenerator random = new SplittableRandom(seed);

    for (int step = 0; step < 25; step++) {
      reshard(endpoint, random);
      List<HashRange> open = ranges(endpoint, OPEN);
      assertThat(HashRange.isComplete(open)).isTrue();
      for (int i = 1; i < open.size(); i++) {
        assertThat(open.get(i).start()).isEqualTo(open.get(i - 1).end().next());
      }
    }
  }

  @Property(tries = 30)
  void shardsThatWereOpenAtAnyTimeCoverAllHashKeysOnce(@ForAll long seed) {
    Endpoint endpoint = Endpoint.withShards(2);
    RandomGenerator random = new SplittableRandom(seed);
    for (int step = 0; step < 20; step++) {
      endpoint.advance(Duration.ofMillis(random.nextInt(3)));
      reshard(endpoint, random);
    }
    endpoint.advance(Duration.ofSeconds(1));

    for (int millis = 0; millis < 100; millis++) {
      ShardFilter then =
          new ShardFilter(ShardFilter.Type.AT_TIMESTAMP, null, Endpoint.START.plusMillis(millis));
      List<HashRange> open = ranges(endpoint, then);
      assertThat(HashRange.isComplete(open)).isTrue();
      assertThat(open.get(0).start()).isEqualTo(HashKey.MIN);
      for (int i = 1; i < open.size(); i++) {
        assertThat(open.get(i).start()).isEqualTo(open.get(i - 1).end().next());
      }
    }
  }

  @Property(tries = 30)
  void everyRecordIsReadOnceOnTheWalkDownTheLineage(@ForAll long seed) {
    Endpoint endpoint = Endpoint.withShards(3);
    RandomGenerator random = new SplittableRandom(seed);
    Set<String> put = new HashSet<>();
    for (int step = 0; step < 15; step++) {
      put.addAll(putSome(endpoint, random));
      reshard(endpoint, random);
      endpoint.advance(Duration.ofMillis(random.nextInt(50)));
    }
    put.addAll(putSome(endpoint, random));

    List<String> read = walk(endpoint, random);

    assertThat(read).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(put);
  }

  @Property(tries = 30)
  void numbersOfChildrenAreAboveThoseOfParents(@ForAll long seed) {
    Endpoint endpoint = Endpoint.withShards(2);
    RandomGenerator random = new SplittableRandom(seed);
    for (int step = 0; step < 10; step++) {
      putSome(endpoint, random);
      reshard(endpoint, random);
    }

    List<ShardInfo> shards = endpoint.shards();
    for (ShardInfo child : shards) {
      for (ShardInfo parent : shards) {
        boolean isParent =
            parent.shardId().equals(child.parentShardId())
                || parent.shardId().equals(child.adjacentParentShardId());
        if (isParent) {
          assertThat(new BigInteger(child.startingSequenceNumber()))
              .isGreaterThan(new BigInteger(String.valueOf(parent.endingSequenceNumber())));
        }
      }
      assertThat(endpoint.readAll(child.shardId()))
          .extracting(record -> new BigInteger(record.sequenceNumber()))
          .isSorted()
          .doesNotHaveDuplicates()
          .allMatch(number -> number.compareTo(new BigInteger(child.startingSequenceNumber())) > 0);
    }
  }

  @Property(tries = 30)
  void scalingGivesEqualRangesWhateverWasBefore(
      @ForAll @IntRange(min = 1, max = 40) int target, @ForAll long seed) {
    Endpoint endpoint = Endpoint.withShards(3);
    RandomGenerator random = new SplittableRandom(seed);
    for (int step = 0; step < 5; step++) {
      reshard(endpoint, random);
    }

    endpoint.core.scale("orders", target);

    assertThat(ranges(endpoint, OPEN)).isEqualTo(HashRange.FULL.partition(target));
  }

  /** Splits anywhere, merges any neighbours, or scales within the allowed bounds. */
  private static void reshard(Endpoint endpoint, RandomGenerator random) {
    List<ShardInfo> open = open(endpoint, OPEN);
    int action = random.nextInt(10);
    if (action == 0) {
      int target = Math.max(1, open.size() - random.nextInt(open.size() / 2 + 1));
      endpoint.call(new ShardCall.UpdateShardCount(STREAM, target, "UNIFORM_SCALING"));
    } else if (action < 5 && open.size() > 1) {
      int lower = random.nextInt(open.size() - 1);
      boolean swap = random.nextBoolean();
      String left = open.get(lower).shardId();
      String right = open.get(lower + 1).shardId();
      endpoint.merge(swap ? right : left, swap ? left : right);
    } else if (open.size() < 30) {
      ShardInfo shard = open.get(random.nextInt(open.size()));
      trySplit(endpoint, shard, random);
    }
  }

  private static void trySplit(Endpoint endpoint, ShardInfo shard, RandomGenerator random) {
    BigInteger start = new BigInteger(shard.startingHashKey());
    BigInteger width = new BigInteger(shard.endingHashKey()).subtract(start);
    BigInteger at =
        start.add(
            width
                .multiply(BigInteger.valueOf(random.nextInt(101)))
                .divide(BigInteger.valueOf(100)));
    try {
      endpoint.call(new ShardCall.SplitShard(STREAM, shard.shardId(), at.toString()));
    } catch (KinesisError e) {
      assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    }
  }

  private static List<String> putSome(Endpoint endpoint, RandomGenerator random) {
    List<PutEntry> entries = new ArrayList<>();
    int count = 1 + random.nextInt(30);
    for (int i = 0; i < count; i++) {
      entries.add(
          new PutEntry(
              Endpoint.data("x"),
              "k",
              new HashKey(random.nextLong(), random.nextLong()).toString()));
    }
    return endpoint.call(new PutRecords(STREAM, entries)).results().stream()
        .map(result -> result.shardId() + "/" + result.sequenceNumber())
        .toList();
  }

  /**
   * Starts at the shards open at the trim horizon, and follows the children that each end names.
   */
  private static List<String> walk(Endpoint endpoint, RandomGenerator random) {
    List<String> read = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    Deque<String> toRead = new ArrayDeque<>();
    for (ShardInfo root : open(endpoint, ShardFilter.of(ShardFilter.Type.AT_TRIM_HORIZON))) {
      seen.add(root.shardId());
      toRead.add(root.shardId());
    }
    while (!toRead.isEmpty()) {
      String shardId = toRead.remove();
      String iterator = endpoint.iterator(shardId, StartingPosition.trimHorizon());
      while (iterator != null) {
        GetRecordsReply reply = endpoint.get(iterator, 1 + random.nextInt(20));
        reply.records().forEach(record -> read.add(shardId + "/" + record.sequenceNumber()));
        for (ChildShard child : reply.childShards()) {
          if (seen.add(child.shardId())) {
            toRead.add(child.shardId());
          }
        }
        iterator =
            reply.millisBehindLatest() == 0 && isOpen(endpoint, shardId)
                ? null
                : reply.nextShardIterator();
      }
    }
    return read;
  }

  private static boolean isOpen(Endpoint endpoint, String shardId) {
    return endpoint.shardIds(OPEN).contains(shardId);
  }

  private static List<ShardInfo> open(Endpoint endpoint, ShardFilter filter) {
    return endpoint.call(ShardCall.ListShards.of(STREAM, filter)).shards().stream()
        .sorted(Comparator.comparing(shard -> HashKey.parse(shard.startingHashKey())))
        .toList();
  }

  private static List<HashRange> ranges(Endpoint endpoint, ShardFilter filter) {
    return open(endpoint, filter).stream()
        .map(shard -> HashRange.parse(shard.startingHashKey(), shard.endingHashKey()))
        .toList();
  }
}
