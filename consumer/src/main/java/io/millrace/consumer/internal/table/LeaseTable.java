package io.millrace.consumer.internal.table;

import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.Owner;
import io.millrace.model.ShardId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
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
  /** In the order in which they became known: walking them is cheap, and the same each time. */
  private final Map<LeaseKey, Entry> entries = new LinkedHashMap<>();

  private final NamedOwners owners = new NamedOwners();
  private long changes;
  private long listings;

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
      add(lease, nowNanos);
      return Reading.NEWS;
    }
    return update(entry, lease, nowNanos);
  }

  private Entry add(Lease lease, long nowNanos) {
    Entry entry = new Entry(lease, nowNanos, ++changes);
    entries.put(lease.key(), entry);
    owners.add(lease);
    return entry;
  }

  private Reading update(Entry entry, Lease lease, long nowNanos) {
    if (lease.counter() < entry.lease.counter()) {
      return Reading.OLDER;
    }
    if (lease.counter() > entry.lease.counter()) {
      entry.counterSinceNanos = nowNanos;
      entry.excused = false;
    }
    owners.remove(entry.lease);
    owners.add(lease);
    entry.lease = lease;
    entry.changed = ++changes;
    return Reading.NEWS;
  }

  /** A consistent read has shown that there is no such row. */
  public void missing(LeaseKey key) {
    Entry entry = entries.remove(key);
    if (entry != null) {
      owners.remove(entry.lease);
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
    listings++;
    List<Lease> older = new ArrayList<>();
    for (Lease lease : listing) {
      Entry entry = entries.get(lease.key());
      if (entry == null) {
        entry = add(lease, nowNanos);
      } else {
        boolean knownAtMark = entry.changed <= mark.changes();
        if (update(entry, lease, nowNanos) == Reading.OLDER && knownAtMark) {
          older.add(lease);
        }
      }
      entry.shownIn = listings;
    }
    for (var known = entries.values().iterator(); known.hasNext(); ) {
      Entry entry = known.next();
      if (entry.changed <= mark.changes() && entry.shownIn != listings) {
        known.remove();
        owners.remove(entry.lease);
      }
    }
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

  /**
   * Counts anew after a time in which nobody could have seen a counter move, and maybe nobody could
   * move one. No counter gets that twice.
   */
  public void excuse(long nowNanos) {
    for (Entry entry : entries.values()) {
      if (!entry.excused) {
        entry.counterSinceNanos = nowNanos;
        entry.excused = true;
      }
    }
  }

  /** For how long the counter of a known row has not been seen to move. */
  public long unmovedNanos(LeaseKey key, long nowNanos) {
    Entry entry = entries.get(key);
    return entry == null ? 0 : nowNanos - entry.counterSinceNanos;
  }

  /** The periods that hold unfinished leases: a view that changes with the table. */
  public Set<Owner> holders() {
    return owners.holders();
  }

  /** The periods that have claimed unfinished leases: a view that changes with the table. */
  public Set<Owner> claimers() {
    return owners.claimers();
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
    private boolean excused;
    private long changed;

    /** The last listing that has shown the row, by its number. */
    private long shownIn;

    Entry(Lease lease, long nowNanos, long changed) {
      this.lease = lease;
      this.counterSinceNanos = nowNanos;
      this.changed = changed;
    }
  }
}
