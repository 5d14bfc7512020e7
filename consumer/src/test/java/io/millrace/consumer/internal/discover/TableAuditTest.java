package io.millrace.consumer.internal.discover;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.lease.Checkpoint;
import io.millrace.consumer.lease.Checkpoint.Sentinel;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.model.HashRange;
import io.millrace.model.Position;
import io.millrace.model.SequenceNumber;
import io.millrace.model.ShardId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class TableAuditTest {
  private static final List<HashRange> HALVES = HashRange.FULL.partition(2);

  private final Map<ShardId, Lease> rows = new HashMap<>();

  private void row(
      String name,
      Checkpoint checkpoint,
      HashRange range,
      Set<String> children,
      String... parents) {
    ShardId id = new ShardId(name);
    rows.put(
        id,
        Lease.builder(LeaseKey.of(id), checkpoint)
            .hashRange(range)
            .children(children.stream().map(ShardId::new).collect(Collectors.toSet()))
            .parents(Set.of(parents).stream().map(ShardId::new).collect(Collectors.toSet()))
            .build());
  }

  private static Checkpoint begun() {
    return Checkpoint.at(Position.of(SequenceNumber.of("5")));
  }

  private List<String> deletable() {
    return TableAudit.deletable(rows).stream().map(row -> row.key().text()).sorted().toList();
  }

  @Test
  void emptyTableHasAHole() {
    assertThat(TableAudit.hasHole(rows)).isTrue();
  }

  @Test
  void unfinishedRowsThatCoverEverythingHaveNoHole() {
    row("0", begun(), HALVES.get(0), Set.of());
    row("1", Sentinel.LATEST, HALVES.get(1), Set.of());

    assertThat(TableAudit.hasHole(rows)).isFalse();
  }

  @Test
  void finishedRowWithoutChildRowsIsAHole() {
    row("0", begun(), HALVES.get(0), Set.of());
    row("1", Sentinel.SHARD_END, HALVES.get(1), Set.of());

    assertThat(TableAudit.hasHole(rows)).isTrue();
  }

  @Test
  void rowWithoutAHashRangeMayBeAHole() {
    row("0", begun(), HALVES.get(0), Set.of());
    row("1", begun(), null, Set.of());

    assertThat(TableAudit.hasHole(rows)).isTrue();
  }

  @Test
  void finishedRowGoesWhenItsChildrenHaveBegun() {
    row("0", Sentinel.SHARD_END, HashRange.FULL, Set.of("1", "2"));
    row("1", begun(), HALVES.get(0), Set.of(), "0");
    row("2", Sentinel.TRIM_HORIZON, HALVES.get(1), Set.of(), "0");
    assertThat(deletable()).isEmpty();

    row("2", begun(), HALVES.get(1), Set.of(), "0");
    assertThat(deletable()).containsExactly("0");
  }

  @Test
  void finishedRowStaysWhileAChildHasNoRow() {
    row("0", Sentinel.SHARD_END, HashRange.FULL, Set.of("1", "2"));
    row("1", begun(), HALVES.get(0), Set.of(), "0");

    assertThat(deletable()).isEmpty();
  }

  @Test
  void finishedRowThatDoesNotKnowItsChildrenStaysUntilTheyCoverIt() {
    row("0", Sentinel.SHARD_END, HashRange.FULL, Set.of());
    row("1", begun(), HALVES.get(0), Set.of(), "0");
    assertThat(deletable()).isEmpty();

    row("2", begun(), HALVES.get(1), Set.of(), "0");
    assertThat(deletable()).containsExactly("0");
  }

  @Test
  void finishedRowGoesAfterItsOwnParents() {
    row("0", Sentinel.SHARD_END, HashRange.FULL, Set.of("1"));
    row("1", Sentinel.SHARD_END, HashRange.FULL, Set.of("2"), "0");
    row("2", begun(), HashRange.FULL, Set.of(), "1");

    assertThat(deletable()).containsExactly("0");
  }

  @Test
  void unfinishedRowNeverGoes() {
    row("0", begun(), HashRange.FULL, Set.of("1"));
    row("1", begun(), HashRange.FULL, Set.of(), "0");

    assertThat(deletable()).isEmpty();
  }
}
