package io.millrace.consumer.internal.discover;

import io.millrace.consumer.lease.Checkpoint;
import io.millrace.consumer.lease.Lease;
import io.millrace.model.HashRange;
import io.millrace.model.ShardId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the rows of one stream say by themselves: whether one is missing, and which may go. */
public final class TableAudit {
  private TableAudit() {}

  /**
   * Whether some hash key has no row that will read it, or might have none: the unfinished rows
   * must cover all hash keys. An unfinished row answers for its children too, as it does not end
   * before they have rows. Whether a row without a hash range does can't be told without the
   * service.
   */
  public static boolean hasHole(Map<ShardId, Lease> rows) {
    List<HashRange> covered = new ArrayList<>();
    for (Lease row : rows.values()) {
      if (!row.isFinished()) {
        row.hashRange().ifPresent(covered::add);
      }
    }
    return !HashRange.gaps(covered).isEmpty();
  }

  /**
   * The finished rows that nobody needs any more: all children have rows and have begun, and no
   * parent has a row. While a child is at its start its parent's row is what says that the lineage
   * is known; without it a lost child row would be taken for a shard that never had one.
   */
  public static List<Lease> deletable(Map<ShardId, Lease> rows) {
    List<Lease> deletable = new ArrayList<>();
    for (Lease row : rows.values()) {
      if (row.isFinished()
          && row.parents().stream().noneMatch(rows::containsKey)
          && childrenHaveBegun(row, rows)) {
        deletable.add(row);
      }
    }
    return deletable;
  }

  private static boolean childrenHaveBegun(Lease row, Map<ShardId, Lease> rows) {
    List<Lease> children =
        rows.values().stream()
            .filter(child -> child.parents().contains(row.key().shard()))
            .toList();
    Set<ShardId> named = new HashSet<>(row.children());
    children.forEach(child -> named.remove(child.key().shard()));
    return named.isEmpty()
        && children.stream().allMatch(TableAudit::hasBegun)
        && coverTogether(children, row);
  }

  private static boolean coverTogether(List<Lease> children, Lease row) {
    if (row.hashRange().isEmpty()) {
      return !row.children().isEmpty();
    }
    List<HashRange> covered =
        children.stream().flatMap(child -> child.hashRange().stream()).toList();
    HashRange range = row.hashRange().get();
    return HashRange.gaps(covered).stream().noneMatch(gap -> gap.overlaps(range));
  }

  private static boolean hasBegun(Lease row) {
    return row.isFinished() || row.checkpoint() instanceof Checkpoint.At;
  }
}
