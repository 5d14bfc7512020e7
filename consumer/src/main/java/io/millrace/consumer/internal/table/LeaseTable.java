package io.millrace.consumer.internal.table;

import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.model.ShardId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The lease rows as this worker last saw them: possibly stale, never older than something seen
 * before.
 *
 * <p>Of two readings of a row the one with the higher lease counter is newer. Confined to the loop.
 */
public final class LeaseTable {
  private final Map<LeaseKey, Entry> entries = new HashMap<>();
  private long changes;

  /** What a reading of a row meant. */
  public enum Reading {
    /** It is newer than what was known, or as new. */
    NEWS,
    /** It is older than what was known when the row was asked for. */
    OLDER
  }

  /** Where the table stood when a listing was asked for. */
  public record Mark(long changes) {}

  /** Takes in a row that was read or written. */
  public Reading saw(Lease lease, long nowNanos) {
    Entry entry = entries.get(lease.key());
    if (entry == null) {
      entries.put(lease.key(), new Entry(lease, nowNanos, ++changes));
      return Reading.NEWS;
    }
    if (lease.counter() < entry.lease.counter()) {
      return Reading.OLDER;
    }
    if (lease.counter() > entry.lease.counter()) {
      entry.counterSinceNanos = nowNanos;
    }
    entry.lease = lease;
    entry.changed = ++changes;
    return Reading.NEWS;
  }

  /** A consistent read has shown that there is no such row. */
  public void missing(LeaseKey key) {
    if (entries.remove(key) != null) {
      changes++;
    }
  }

  /** A mark to be given back to {@link #listed}. */
  public Mark mark() {
    return new Mark(changes);
  }

  /**
   * Takes in a complete listing that was asked for at {@code mark}: what it does not show, and
   * nothing else has shown since, is gone.
   *
   * @return rows whose counter is lower than it was known at the mark, which a consistent listing
   *     shows only of a table that was put back to an earlier state
   */
  public List<Lease> listed(Collection<Lease> listing, Mark mark, long nowNanos) {
    Set<LeaseKey> shown = new HashSet<>();
    List<Lease> older = new ArrayList<>();
    for (Lease lease : listing) {
      shown.add(lease.key());
      Entry entry = entries.get(lease.key());
      boolean knownAtMark = entry != null && entry.changed <= mark.changes();
      if (saw(lease, nowNanos) == Reading.OLDER && knownAtMark) {
        older.add(lease);
      }
    }
    entries
        .entrySet()
        .removeIf(e -> !shown.contains(e.getKey()) && e.getValue().changed <= mark.changes());
    changes++;
    return older;
  }

  /** The row with this key, if it is known. */
  public Optional<Lease> find(LeaseKey key) {
    return Optional.ofNullable(get(key));
  }

  /** The row with this key, or null. */
  public @Nullable Lease get(LeaseKey key) {
    Entry entry = entries.get(key);
    return entry == null ? null : entry.lease;
  }

  /** For how long the counter of a known row has not been seen to move. */
  public long unmovedNanos(LeaseKey key, long nowNanos) {
    Entry entry = entries.get(key);
    return entry == null ? 0 : nowNanos - entry.counterSinceNanos;
  }

  /** How many rows are known. */
  public int size() {
    return entries.size();
  }

  /** All known rows. */
  public List<Lease> leases() {
    List<Lease> all = new ArrayList<>(entries.size());
    for (Entry entry : entries.values()) {
      all.add(entry.lease);
    }
    return all;
  }

  /** Whether, as far as is known, no parent of the shard is unfinished; a missing row is done. */
  public boolean isGateOpen(Lease lease) {
    for (ShardId parent : lease.parents()) {
      Lease row = get(new LeaseKey(lease.key().stream(), parent));
      if (row != null && !row.isFinished()) {
        return false;
      }
    }
    return true;
  }

  private static final class Entry {
    private Lease lease;
    private long counterSinceNanos;
    private long changed;

    Entry(Lease lease, long nowNanos, long changed) {
      this.lease = lease;
      this.counterSinceNanos = nowNanos;
      this.changed = changed;
    }
  }
}
