package io.millrace.consumer.internal.table;

import io.millrace.consumer.internal.loop.Backoff;
import io.millrace.consumer.internal.loop.EventLoop;
import io.millrace.consumer.internal.loop.Failures;
import io.millrace.consumer.internal.loop.Sight;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.consumer.lease.LeaseStore.Consistency;
import io.millrace.consumer.lease.LeaseStore.LeasePage;
import io.millrace.consumer.lease.LeaseStoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Reads the lease table into {@link LeaseTable}: one row by a consistent read, or all rows.
 *
 * <p>At most one listing is under way; whoever asks meanwhile gets the next one, as the present one
 * may have passed the rows already that they want to see. Confined to the loop.
 */
public final class TableReader {
  private static final int ATTEMPTS = 4;

  private final EventLoop loop;
  private final LeaseStore store;
  private final LeaseTable table;
  private final long attemptNanos;
  private final RandomGenerator random;
  private final Listener listener;
  private final Sight sight;

  private @Nullable Listing current;
  private @Nullable Listing next;
  private long listings;

  /** Who hears of what every reading shows. */
  public interface Listener {
    /** All rows were read. */
    void tableListed(Consistency consistency);

    /** All rows can be read again, which they could not for some time. */
    void tableSeenAgain(long blindNanos);

    /** A row's counter went back: the table is not the one that this worker knows. */
    void tableRestored(Lease row);

    /** There is no table: the store says so in answer to a listing. */
    void tableGone(LeaseStoreException said);
  }

  /** Creates a reader. */
  public TableReader(
      EventLoop loop,
      LeaseStore store,
      LeaseTable table,
      long attemptNanos,
      RandomGenerator random,
      Listener listener) {
    this.loop = loop;
    this.store = store;
    this.table = table;
    this.attemptNanos = attemptNanos;
    this.random = random;
    this.listener = listener;
    this.sight = new Sight(loop.nowNanos());
  }

  /** What a reading brought: null for success, else why it failed after all attempts. */
  public interface Done {
    /** Runs on the loop. */
    void done(@Nullable Throwable failure);
  }

  /** Hears of the row that a consistent read shows. */
  public interface RowDone {
    /**
     * Runs on the loop.
     *
     * @param row null if there is no such row, or if the read failed
     * @param failure null unless the read failed
     */
    void done(@Nullable Lease row, @Nullable Throwable failure);
  }

  /** For how long the table could not be listed; 0 if no attempt has failed since the last. */
  public long blindNanos() {
    return sight.blindNanos(loop.nowNanos());
  }

  /** How many listings were begun. */
  public long listings() {
    return listings;
  }

  /** Reads one row, consistently, in one attempt. */
  public void read(LeaseKey key, RowDone done) {
    Lease known = table.get(key);
    loop.request(
        () -> store.readLease(key),
        attemptNanos,
        (reply, failure) -> {
          if (reply == null) {
            done.done(null, failure == null ? new IllegalStateException("no reply") : failure);
            return;
          }
          Lease row = reply.orElse(null);
          if (row == null) {
            table.missing(key);
          } else {
            table.saw(row, loop.nowNanos());
            if (known != null && row.counter() < known.counter()) {
              listener.tableRestored(row);
            }
          }
          done.done(row, null);
        });
  }

  /**
   * A refused write has shown a row, consistently: a counter below the one that its condition named
   * is of a table that was put back.
   */
  public void refusalShowed(Lease row, long conditionCounter) {
    if (row.counter() < conditionCounter) {
      listener.tableRestored(row);
    }
  }

  /** Reads all rows. */
  public void list(Consistency consistency, Done done) {
    if (current == null) {
      current = new Listing(consistency);
      current.waiting.add(done);
      current.start();
      return;
    }
    if (next == null) {
      next = new Listing(consistency);
    } else if (consistency == Consistency.STRONG) {
      next.consistency = Consistency.STRONG;
    }
    next.waiting.add(done);
  }

  private void finish(Listing listing, @Nullable Throwable failure) {
    current = next;
    next = null;
    if (current != null) {
      current.start();
    }
    for (Done done : listing.waiting) {
      done.done(failure);
    }
  }

  /** One walk over all pages. */
  private final class Listing {
    private final List<Done> waiting = new ArrayList<>();
    private final List<Lease> leases = new ArrayList<>();
    private final Backoff backoff = new Backoff(random, attemptNanos / 10, attemptNanos);
    private Consistency consistency;
    private LeaseTable.Mark mark = table.mark();
    private @Nullable String page;

    Listing(Consistency consistency) {
      this.consistency = consistency;
    }

    void start() {
      listings++;
      mark = table.mark();
      readPage();
    }

    private void readPage() {
      loop.request(() -> store.listLeases(consistency, page), attemptNanos, this::pageArrived);
    }

    private void pageArrived(@Nullable LeasePage got, @Nullable Throwable failure) {
      if (got == null) {
        sight.failed();
        LeaseStoreException refusal = Failures.ofStore(failure);
        if (refusal != null && refusal.reason() == LeaseStoreException.Reason.TABLE_MISSING) {
          listener.tableGone(refusal);
        }
        if (Failures.isFutile(failure) || backoff.failures() + 1 >= ATTEMPTS) {
          finish(this, failure);
        } else {
          loop.after(backoff.nextNanos(), this::readPage);
        }
        return;
      }
      leases.addAll(got.leases());
      page = got.nextPageToken();
      if (page != null) {
        readPage();
        return;
      }
      long blindNanos = sight.read(loop.nowNanos());
      if (blindNanos > 0) {
        listener.tableSeenAgain(blindNanos);
      }
      List<Lease> older = table.listed(leases, mark, loop.nowNanos());
      if (consistency == Consistency.STRONG) {
        older.stream().findFirst().ifPresent(listener::tableRestored);
      }
      listener.tableListed(consistency);
      finish(this, null);
    }
  }
}
