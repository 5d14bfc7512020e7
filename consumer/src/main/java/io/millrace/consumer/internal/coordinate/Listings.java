package io.millrace.consumer.internal.coordinate;

import io.millrace.consumer.internal.assign.AssignmentPlan;
import io.millrace.consumer.internal.loop.EventLoop;
import io.millrace.consumer.internal.loop.Failures;
import io.millrace.consumer.internal.member.FleetWatch;
import io.millrace.consumer.internal.table.TableReader;
import io.millrace.consumer.lease.LeaseStore.Consistency;
import io.millrace.consumer.lease.WorkerRow;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** When this worker reads the whole lease table. Confined to the loop. */
final class Listings {
  private static final Logger LOG = LoggerFactory.getLogger(Listings.class);

  /** How much of a second each member leaves between its listings to each other member. */
  private static final long SHARE_NANOS = Duration.ofMillis(50).toNanos();

  private static final long FIRST_LOOK_NANOS = Duration.ofSeconds(4).toNanos();
  private static final long AGAIN_NANOS = Duration.ofSeconds(1).toNanos();

  private final EventLoop loop;
  private final TableReader reader;
  private final FleetWatch watch;
  private final WorkerSettings settings;

  private boolean hasListed;
  private boolean isPlanned;
  private boolean stopped;
  private long listedNanos;
  private long lookAgainNanos = FIRST_LOOK_NANOS;
  private long nextLookNanos;

  Listings(EventLoop loop, TableReader reader, FleetWatch watch, WorkerSettings settings) {
    this.loop = loop;
    this.reader = reader;
    this.watch = watch;
    this.settings = settings;
    this.nextLookNanos = loop.nowNanos();
  }

  void stop() {
    stopped = true;
  }

  /** All rows were read, for whatever reason. */
  void listed() {
    hasListed = true;
    listedNanos = loop.nowNanos();
  }

  /** Lists. */
  void list(Consistency consistency) {
    reader.list(consistency, Listings::warnOf);
  }

  /** Lists until it succeeds: what comes then can't be left out. */
  void listThen(Runnable next) {
    reader.list(
        Consistency.STRONG,
        failure -> {
          warnOf(failure);
          if (stopped) {
            return;
          }
          if (failure == null) {
            next.run();
          } else {
            loop.after(AGAIN_NANOS, () -> listThen(next));
          }
        });
  }

  /**
   * Lists at once, unless this worker has listed lately: in a large fleet something happens all the
   * time, and all members hear of it.
   */
  void listSoon() {
    long interval = watch.live(loop.nowNanos()).size() * SHARE_NANOS;
    long waitNanos = listedNanos + interval - loop.nowNanos();
    if (waitNanos <= 0 || !hasListed) {
      list(Consistency.STRONG);
    } else if (!isPlanned) {
      isPlanned = true;
      loop.after(
          waitNanos,
          () -> {
            isPlanned = false;
            if (!stopped) {
              list(Consistency.STRONG);
            }
          });
    }
  }

  /**
   * The worker rows are always fresh, and tell how many leases each has; which ones they are, only
   * a listing does. So a worker that has clearly less than a peer lists, ever more rarely as long
   * as that does not help. What the plan would take for noise is not clear.
   */
  void lookForBalance(HeldLeases held) {
    int most = 0;
    boolean measured = false;
    for (WorkerRow row : watch.live(loop.nowNanos())) {
      measured |= row.throughputKBps() > 0;
      most = Math.max(most, row.worker().equals(settings.worker()) ? 0 : row.leaseCount());
    }
    if (!AssignmentPlan.wouldBalance(held.load(), most, measured)
        || held.size() >= settings.consumer().maxLeases()) {
      lookAgainNanos = FIRST_LOOK_NANOS;
      nextLookNanos = loop.nowNanos() + FIRST_LOOK_NANOS;
    } else if (loop.nowNanos() - nextLookNanos >= 0) {
      lookAgainNanos = Math.min(2 * lookAgainNanos, settings.consumer().auditInterval().toNanos());
      nextLookNanos = loop.nowNanos() + lookAgainNanos;
      list(Consistency.EVENTUAL);
    }
  }

  private static void warnOf(@Nullable Throwable failure) {
    if (failure != null) {
      LOG.warn("The lease table can't be read: {}", Failures.describe(failure));
    }
  }
}
