package io.millrace.consumer.internal.hold;

import io.millrace.consumer.internal.loop.Backoff;
import io.millrace.consumer.internal.table.LeaseTable;
import io.millrace.consumer.lease.Holding;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.Owner;
import io.millrace.consumer.lease.StreamIdentity;
import io.millrace.consumer.lease.WriteId;
import io.millrace.consumer.lease.WriteOutcome;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Takes and claims leases. At most one such write per lease is under way.
 *
 * <p>A take whose reply stays lost is given up after some attempts; should it land later, the row
 * names an owner who does not run it, and the next listing shows that. Confined to the loop.
 */
public final class LeaseTaker {
  private static final int ATTEMPTS = 5;

  private final HoldParts parts;
  private final Set<LeaseKey> underWay = new HashSet<>();

  /** Creates a taker. */
  public LeaseTaker(HoldParts parts) {
    this.parts = parts;
  }

  /** Whether a take or claim of the lease is under way. */
  public boolean isUnderWay(LeaseKey key) {
    return underWay.contains(key);
  }

  /** How many takes and claims are under way. */
  public int underWay() {
    return underWay.size();
  }

  /** Hears of the end of a take or claim; one of the three. */
  public interface Done {
    /** The row is as this very write has left it. */
    void written(Lease row);

    /** Nothing was written. */
    void notWritten();

    /** It was given up, and may have landed or land later. */
    void inDoubt();
  }

  /** Takes a lease. */
  public void take(Lease observed, Owner me, StreamIdentity stream, Done done) {
    WriteId id = parts.ids().next();
    new Attempts(
            observed,
            () -> parts.store().take(observed, me, stream, id),
            row -> row.wasWrittenBy(id),
            done)
        .begin();
  }

  /** Claims a lease from its holder. */
  public void claim(Lease observed, Owner me, Done done) {
    WriteId id = parts.ids().next();
    new Attempts(
            observed,
            () -> parts.store().claim(observed, me, id),
            row -> row.claimId().filter(id::equals).isPresent(),
            done)
        .begin();
  }

  /** Gives a lease that names this worker, which never ran it, to its claimer or to nobody. */
  public void giveBack(Lease row, Owner me, Runnable done) {
    LeaseKey key = row.key();
    if (!underWay.add(key)) {
      return;
    }
    WriteId id = parts.ids().next();
    parts
        .loop()
        .request(
            () -> letGo(row, Holding.of(row, me.worker()), id),
            parts.timing().attemptNanos(),
            (outcome, failure) -> {
              underWay.remove(key);
              if (outcome instanceof WriteOutcome.Applied<Lease> applied) {
                parts.table().saw(applied.row(), parts.loop().nowNanos());
                done.run();
              }
            });
  }

  private CompletionStage<WriteOutcome<Lease>> letGo(Lease row, Holding holding, WriteId id) {
    return row.claimer().isPresent()
        ? parts.store().transfer(holding, row.claimer().get(), id)
        : parts.store().release(holding, id);
  }

  private interface Sender {
    CompletionStage<WriteOutcome<Lease>> send();
  }

  /** The attempts of one take or claim. */
  private final class Attempts {
    private final Lease observed;
    private final Sender sender;
    private final Predicate<Lease> isWritten;
    private final Done done;
    private final Backoff backoff;
    private boolean ambiguous;

    Attempts(Lease observed, Sender sender, Predicate<Lease> isWritten, Done done) {
      this.observed = observed;
      this.sender = sender;
      this.isWritten = isWritten;
      this.done = done;
      long attemptNanos = parts.timing().attemptNanos();
      this.backoff = new Backoff(parts.random(), attemptNanos / 20, attemptNanos / 2);
    }

    void begin() {
      if (underWay.add(observed.key())) {
        send();
      } else {
        done.notWritten();
      }
    }

    private void send() {
      parts
          .loop()
          .request(
              sender::send,
              parts.timing().attemptNanos(),
              (outcome, failure) -> {
                if (outcome instanceof WriteOutcome.Applied<Lease> applied) {
                  finish(applied.row());
                } else if (outcome instanceof WriteOutcome.Conflict<Lease> conflict) {
                  resolve(conflict.current().orElse(null), true);
                } else if (outcome instanceof WriteOutcome.Throttled<Lease>) {
                  again(this::send);
                } else if (outcome instanceof WriteOutcome.Refused<Lease>) {
                  giveUp();
                } else {
                  ambiguous = true;
                  again(this::readBack);
                }
              });
    }

    private void readBack() {
      parts
          .reader()
          .read(
              observed.key(),
              (row, failure) -> {
                if (failure == null) {
                  resolve(row, false);
                } else {
                  again(this::readBack);
                }
              });
    }

    private void resolve(@Nullable Lease row, boolean refused) {
      LeaseTable table = parts.table();
      if (row == null) {
        table.missing(observed.key());
        end(done::notWritten);
      } else if (isWritten.test(row)) {
        finish(row);
      } else if (!refused && isAsObserved(row)) {
        send();
      } else {
        table.saw(row, parts.loop().nowNanos());
        parts.reader().refusalShowed(row, observed.counter());
        end(done::notWritten);
      }
    }

    private boolean isAsObserved(Lease row) {
      return row.counter() == observed.counter()
          && row.owner().equals(observed.owner())
          && row.checkpointOwner().equals(observed.checkpointOwner());
    }

    private void again(Runnable attempt) {
      if (backoff.failures() >= ATTEMPTS) {
        giveUp();
      } else {
        parts.loop().after(backoff.nextNanos(), attempt);
      }
    }

    private void giveUp() {
      end(ambiguous ? done::inDoubt : done::notWritten);
    }

    private void finish(Lease row) {
      parts.table().saw(row, parts.loop().nowNanos());
      end(() -> done.written(row));
    }

    private void end(Runnable tell) {
      underWay.remove(observed.key());
      tell.run();
    }
  }
}
