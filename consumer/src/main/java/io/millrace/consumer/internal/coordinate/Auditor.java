package io.millrace.consumer.internal.coordinate;

import io.millrace.consumer.internal.discover.ConsumedStream;
import io.millrace.consumer.internal.discover.Discovery;
import io.millrace.consumer.internal.discover.TableAudit;
import io.millrace.consumer.internal.fetch.Reply;
import io.millrace.consumer.internal.fetch.StreamPort;
import io.millrace.consumer.internal.fetch.StreamPort.StreamDescription;
import io.millrace.consumer.internal.loop.EventLoop;
import io.millrace.consumer.internal.loop.Failures;
import io.millrace.consumer.internal.member.FleetWatch;
import io.millrace.consumer.internal.table.LeaseTable;
import io.millrace.consumer.internal.table.TableReader;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.consumer.lease.LeaseStore.Consistency;
import io.millrace.consumer.lease.LeaseStoreException;
import io.millrace.consumer.lease.StreamIdentity;
import io.millrace.consumer.lease.WorkerRow;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the whole table when it is this worker's turn: repairs holes, deletes rows that nobody
 * needs, and looks for what should not be.
 *
 * <p>The turns go round by wall time. It is not a role: an auditor that dies misses its turn, and
 * where clocks differ turns overlap or fail to come once; every action is conditional or repeats
 * safely. Confined to the loop.
 */
final class Auditor {
  private static final Logger LOG = LoggerFactory.getLogger(Auditor.class);
  private static final int DELETIONS = 100;

  /** A KCL's leader takes leases 20 s after its first sign at the earliest, so within that time. */
  private static final long KCL_LOOK_NANOS = Duration.ofSeconds(15).toNanos();

  private static final long ATTEMPT_NANOS = Duration.ofSeconds(10).toNanos();
  private static final long FENCED_ROWS_KEPT_NANOS = Duration.ofMinutes(2).toNanos();

  private final EventLoop loop;
  private final LeaseStore store;
  private final StreamPort streamPort;
  private final LeaseTable table;
  private final TableReader reader;
  private final FleetWatch watch;
  private final Discovery discovery;
  private final WorkerSettings settings;
  private final Findings findings;
  private List<ConsumedStream> streams = List.of();
  private boolean begun;
  private boolean stopped;

  /** Who hears of what an audit finds. */
  interface Findings {
    /** A stream was deleted and created anew: going on would corrupt progress. */
    void streamReplaced(ConsumedStream stream, StreamIdentity now);

    /** A KCL works on the table. */
    void signOfKcl(String sign);
  }

  Auditor(
      Discovery.Parts parts,
      Discovery discovery,
      FleetWatch watch,
      WorkerSettings settings,
      Findings findings) {
    this.loop = parts.loop();
    this.store = parts.store();
    this.streamPort = parts.streams();
    this.table = parts.table();
    this.reader = parts.reader();
    this.discovery = discovery;
    this.watch = watch;
    this.settings = settings;
    this.findings = findings;
  }

  /** Begins to take turns. Idempotent. */
  void begin(List<ConsumedStream> consumed) {
    streams = List.copyOf(consumed);
    if (!begun) {
      begun = true;
      long auditNanos = settings.consumer().auditInterval().toNanos();
      takeTurns(auditNanos, this::audit);
      takeTurns(Math.min(auditNanos, KCL_LOOK_NANOS), this::lookForKcl);
    }
  }

  void stop() {
    stopped = true;
  }

  private void takeTurns(long intervalNanos, Runnable work) {
    loop.after(
        intervalNanos,
        () -> {
          if (!stopped) {
            if (isMyTurn(intervalNanos)) {
              work.run();
            }
            takeTurns(intervalNanos, work);
          }
        });
  }

  private boolean isMyTurn(long intervalNanos) {
    Set<String> live = new TreeSet<>();
    live.add(settings.worker());
    watch.live(loop.nowNanos()).forEach(row -> live.add(row.worker()));
    long round = loop.wallTime().toEpochMilli() / Duration.ofNanos(intervalNanos).toMillis();
    int turn = (int) Math.floorMod(round, (long) live.size());
    return List.copyOf(live).get(turn).equals(settings.worker());
  }

  /** One audit. */
  void audit() {
    reader.list(
        Consistency.EVENTUAL,
        failure -> {
          if (failure != null) {
            LOG.warn("Audit of the lease table: {}", Failures.describe(failure));
          } else if (!stopped) {
            streams.forEach(this::audit);
            deleteFencedWorkers();
          }
        });
  }

  private void lookForKcl() {
    loop.request(
        store::signOfKcl,
        ATTEMPT_NANOS,
        (sign, failure) -> {
          LeaseStoreException refusal = Failures.ofStore(failure);
          if (sign != null) {
            sign.ifPresent(findings::signOfKcl);
          } else if (refusal != null
              && refusal.reason() == LeaseStoreException.Reason.UNKNOWN_KCL_MODE) {
            findings.signOfKcl(String.valueOf(refusal.getMessage()));
          }
        });
  }

  private void audit(ConsumedStream stream) {
    loop.request(
        () -> streamPort.describeStream(stream.identity().arn()),
        ATTEMPT_NANOS,
        (reply, failure) -> {
          if (stopped || !(reply instanceof Reply.Ok<StreamDescription> ok)) {
            return;
          }
          if (!ok.value().identity().equals(stream.identity())) {
            findings.streamReplaced(stream, ok.value().identity());
            return;
          }
          Map<ShardId, Lease> rows = stream.rows(table.leases());
          if (TableAudit.hasHole(rows)) {
            discovery.completeRows(stream, unrepaired("rows of stream " + stream.name()));
          }
          TableAudit.deletable(rows).stream()
              .filter(this::wasSeenForLong)
              .limit(DELETIONS)
              .forEach(this::delete);
        });
  }

  private boolean wasSeenForLong(Lease finished) {
    long kept = Discovery.FINISHED_ROWS_KEPT_AUDITS * settings.consumer().auditInterval().toNanos();
    return table.unmovedNanos(finished.key(), loop.nowNanos()) >= kept;
  }

  private Discovery.Done unrepaired(String what) {
    return failure -> {
      if (failure != null) {
        LOG.warn("Repair of {}: {}", what, Failures.describe(failure));
      }
    };
  }

  private void delete(Lease finished) {
    LeaseKey key = finished.key();
    loop.request(
        () -> store.delete(finished),
        ATTEMPT_NANOS,
        (outcome, failure) -> {
          if (outcome != null && outcome.applied().isPresent()) {
            table.missing(key);
          }
        });
  }

  private void deleteFencedWorkers() {
    long kept = Math.max(FENCED_ROWS_KEPT_NANOS, 10 * settings.timing().failoverNanos());
    Set<String> named = new HashSet<>();
    for (Lease lease : table.leases()) {
      lease.owner().ifPresent(named::add);
      lease.checkpointOwner().ifPresent(named::add);
    }
    for (WorkerRow row : watch.fencedFor(kept, loop.nowNanos())) {
      if (!named.contains(row.worker())) {
        // The next poll shows whether it is gone.
        loop.request(() -> store.deleteWorker(row), ATTEMPT_NANOS, (outcome, failure) -> {});
      }
    }
  }
}
