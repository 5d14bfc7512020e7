package io.millrace.consumer.internal.discover;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.Fetching;
import io.millrace.consumer.StartAt;
import io.millrace.consumer.internal.fetch.StreamPort.ShardListing;
import io.millrace.consumer.lease.Checkpoint;
import io.millrace.consumer.lease.Checkpoint.Sentinel;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.StreamIdentity;
import io.millrace.model.HashRange;
import io.millrace.model.Position;
import io.millrace.model.SequenceNumber;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class LineageTest {
  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  private static final StreamIdentity STREAM =
      new StreamIdentity("arn:aws:kinesis:us-east-1:123456789012:stream/s", Instant.EPOCH);

  private final Map<ShardId, ShardListing> listing = new HashMap<>();
  private final Map<ShardId, Lease> rows = new HashMap<>();

  private static ConsumedStream stream(StartAt startAt) {
    return ConsumedStream.only("s", STREAM, startAt, Fetching.polling(), Duration.ofDays(1));
  }

  private static ShardId id(String name) {
    return new ShardId(name);
  }

  private void open(String name, String... parents) {
    list(name, false, parents);
  }

  private void closed(String name, String... parents) {
    list(name, true, parents);
  }

  private void list(String name, boolean closed, String... parents) {
    Set<ShardId> ids = Set.of(parents).stream().map(ShardId::new).collect(Collectors.toSet());
    listing.put(id(name), new ShardListing(id(name), ids, HashRange.FULL, closed));
  }

  private void row(String name, Checkpoint checkpoint, Instant start, String... parents) {
    Set<ShardId> ids = Set.of(parents).stream().map(ShardId::new).collect(Collectors.toSet());
    rows.put(
        id(name),
        Lease.builder(stream(StartAt.latest()).key(id(name)), checkpoint)
            .parents(ids)
            .startTimestamp(start)
            .build());
  }

  private static Checkpoint position() {
    return Checkpoint.at(Position.of(SequenceNumber.of("5")));
  }

  private List<List<Lease>> toCreate(StartAt startAt) {
    return Lineage.rowsToCreate(stream(startAt), listing.values(), rows, NOW);
  }

  private static List<List<String>> names(List<List<Lease>> generations) {
    return generations.stream()
        .map(g -> g.stream().map(row -> row.key().shard().value()).toList())
        .toList();
  }

  private static Lease only(List<List<Lease>> generations) {
    assertThat(generations).hasSize(1);
    assertThat(generations.get(0)).hasSize(1);
    return generations.get(0).get(0);
  }

  @Test
  void firstStartFromTheTrimHorizonCreatesParentsBeforeChildren() {
    closed("0");
    closed("1");
    closed("2", "0", "1");
    open("3", "2");
    open("4", "2");

    List<List<Lease>> generations = toCreate(StartAt.trimHorizon());

    assertThat(names(generations))
        .containsExactly(List.of("0", "1"), List.of("2"), List.of("3", "4"));
    assertThat(generations)
        .allSatisfy(g -> assertThat(g).allMatch(r -> r.checkpoint() == Sentinel.TRIM_HORIZON));
  }

  @Test
  void firstStartFromLatestCreatesOpenShardsAndTheirParentsAtTheServicesTime() {
    closed("0");
    closed("1", "0");
    open("2", "1");

    List<List<Lease>> generations = toCreate(StartAt.latest());

    // Shard 1 may have closed a moment ago, with records that were put since the start.
    assertThat(names(generations)).containsExactly(List.of("1"), List.of("2"));
    Lease row = generations.get(1).get(0);
    assertThat(row.checkpoint()).isEqualTo(Sentinel.LATEST);
    assertThat(row.startTimestamp()).contains(NOW.minusSeconds(2));
    assertThat(row.stream()).contains(STREAM);
    assertThat(row.parents()).containsExactly(id("1"));
  }

  @Test
  void firstStartFromATimeCreatesClosedShardsTooAsTheyMayHoldRecordsSince() {
    closed("0");
    open("1", "0");
    Instant start = NOW.minusSeconds(600);

    List<List<Lease>> generations = toCreate(StartAt.timestamp(start));

    assertThat(names(generations)).containsExactly(List.of("0"), List.of("1"));
    assertThat(generations.get(1).get(0).startTimestamp()).contains(start);
    assertThat(generations.get(1).get(0).checkpoint()).isEqualTo(Sentinel.AT_TIMESTAMP);
  }

  @Test
  void ancestorOfAnExistingRowIsNeverCreatedAgain() {
    closed("0");
    closed("1", "0");
    open("2", "1");
    row("2", position(), null, "1");

    assertThat(toCreate(StartAt.trimHorizon())).isEmpty();
  }

  @Test
  void shardBelowAProcessedOneStartsAtTheTrimHorizonWhateverIsConfigured() {
    closed("0");
    open("1", "0");
    open("2", "0");
    row("0", Sentinel.SHARD_END, NOW.minusSeconds(100));
    row("1", position(), null, "0");

    Lease row = only(toCreate(StartAt.latest()));

    assertThat(row.key().shard()).isEqualTo(id("2"));
    assertThat(row.checkpoint()).isEqualTo(Sentinel.TRIM_HORIZON);
  }

  @Test
  void shardBelowOneThatIsAtItsStartingTimeStartsAtThatTime() {
    Instant start = NOW.minusSeconds(600);
    closed("0");
    open("1", "0");
    row("0", Sentinel.AT_TIMESTAMP, start);

    Lease row = only(toCreate(StartAt.timestamp(NOW)));

    assertThat(row.startTimestamp()).contains(start);
  }

  @Test
  void startThatWasInterruptedGoesOnWithTheTimeThatWasStored() {
    Instant start = NOW.minusSeconds(3_600);
    open("0");
    closed("1");
    open("2", "1");
    row("0", Sentinel.LATEST, start);

    List<List<Lease>> generations = toCreate(StartAt.latest());

    // Shard 1 was open when the first start began, and has records that were put since.
    assertThat(names(generations)).containsExactly(List.of("1"), List.of("2"));
    assertThat(generations).allSatisfy(g -> assertThat(g.get(0).startTimestamp()).contains(start));
  }

  @Test
  void missedParentOfAMergeComesBeforeTheChild() {
    closed("0");
    closed("1");
    open("2", "0", "1");
    row("0", position(), null);

    assertThat(names(toCreate(StartAt.trimHorizon()))).containsExactly(List.of("1"), List.of("2"));
  }

  @Test
  void completeTableNeedsNothing() {
    closed("0");
    open("1", "0");
    open("2", "0");
    row("0", Sentinel.SHARD_END, null);
    row("1", Sentinel.TRIM_HORIZON, null, "0");
    row("2", position(), null, "0");

    assertThat(toCreate(StartAt.trimHorizon())).isEmpty();
  }

  @Property(tries = 500)
  void creationsThatCrashAnywhereLeadToTheSameTableInLineageOrder(
      @ForAll @IntRange(min = 1, max = 30) int shards, @ForAll long seed) {
    Random random = new Random(seed);
    Map<ShardId, ShardListing> all = randomLineage(shards, random);
    ConsumedStream stream = stream(StartAt.trimHorizon());
    Map<ShardId, Lease> table = new HashMap<>();
    for (int start = 0; start < 100; start++) {
      List<List<Lease>> generations = Lineage.rowsToCreate(stream, all.values(), table, NOW);
      if (generations.isEmpty()) {
        break;
      }
      int untilCrash = 1 + random.nextInt(6);
      for (Lease row : generations.stream().flatMap(List::stream).toList()) {
        if (untilCrash-- == 0) {
          break;
        }
        for (ShardId parent : row.parents()) {
          assertThat(table.containsKey(parent) || !all.containsKey(parent)).isTrue();
        }
        table.put(row.key().shard(), row);
      }
    }
    assertThat(table.keySet()).isEqualTo(all.keySet());
  }

  private static Map<ShardId, ShardListing> randomLineage(int count, Random random) {
    Map<ShardId, ShardListing> all = new HashMap<>();
    List<ShardId> open = new ArrayList<>();
    Set<ShardId> closed = new HashSet<>();
    Map<ShardId, Set<ShardId>> parents = new HashMap<>();
    while (parents.size() < count) {
      ShardId next = id("shard-" + parents.size());
      if (open.isEmpty() || random.nextInt(4) == 0) {
        parents.put(next, Set.of());
      } else if (open.size() > 1 && random.nextBoolean()) {
        ShardId one = open.remove(random.nextInt(open.size()));
        ShardId two = open.remove(random.nextInt(open.size()));
        closed.addAll(Set.of(one, two));
        parents.put(next, Set.of(one, two));
      } else {
        ShardId one = open.remove(random.nextInt(open.size()));
        closed.add(one);
        parents.put(next, Set.of(one));
      }
      open.add(next);
    }
    parents.forEach(
        (shard, above) ->
            all.put(shard, new ShardListing(shard, above, HashRange.FULL, closed.contains(shard))));
    return all;
  }
}
