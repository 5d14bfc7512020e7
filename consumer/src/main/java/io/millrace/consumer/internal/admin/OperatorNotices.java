package io.millrace.consumer.internal.admin;

import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.consumer.lease.Notice;
import io.millrace.consumer.lease.WorkerRow;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Tells the workers which leases an operator has written, so that they look within a poll instead
 * of within an audit.
 *
 * <p>An operator has a row among the workers' for its notices. It is fenced from the start: it
 * takes no lease, needs no heartbeat, and the audit deletes it when it is old. A notice that gets
 * lost costs time and nothing else. Confined to the loop.
 */
final class OperatorNotices {
  private final StoreCalls calls;
  private final LeaseStore store;
  private final String worker;
  private final String incarnation;
  private final long epoch;
  private final ArrayDeque<Notice> last = new ArrayDeque<>();
  private long sequence;
  private @Nullable WorkerRow written;

  OperatorNotices(StoreCalls calls, LeaseStore store, String incarnation, long epoch) {
    this.calls = calls;
    this.store = store;
    this.worker = "operator-" + incarnation;
    this.incarnation = incarnation;
    this.epoch = epoch;
  }

  /** Completes when the notice is written, or could not be. */
  CompletableFuture<Void> post(Notice.Kind kind, LeaseKey lease) {
    last.add(new Notice(++sequence, kind, lease));
    if (last.size() > WorkerRow.MAX_NOTICES) {
      last.remove();
    }
    WorkerRow row =
        new WorkerRow(
            worker,
            incarnation,
            epoch,
            sequence,
            WorkerRow.State.FENCED,
            WorkerRow.PROTOCOL_VERSION,
            Duration.ofSeconds(10),
            0,
            0,
            0,
            0,
            List.copyOf(last));
    return calls
        .read(() -> store.register(row, written))
        .handle(
            (outcome, failure) -> {
              if (outcome != null && outcome.applied().isPresent()) {
                written = row;
              }
              return null;
            });
  }
}
