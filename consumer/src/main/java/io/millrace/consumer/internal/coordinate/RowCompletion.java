package io.millrace.consumer.internal.coordinate;

import io.millrace.consumer.internal.discover.ConsumedStream;
import io.millrace.consumer.internal.discover.Discovery;
import io.millrace.consumer.internal.discover.StreamException;
import io.millrace.consumer.internal.discover.TableAudit;
import io.millrace.consumer.internal.loop.EventLoop;
import io.millrace.consumer.internal.loop.Failures;
import io.millrace.consumer.internal.table.LeaseTable;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.consumer.lease.WorkerRow;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates the rows that a stream lacks when a worker begins to read it. The members of a fleet look
 * one after another, so that not all of them list and create the same. Confined to the loop.
 */
final class RowCompletion {
  private static final Logger LOG = LoggerFactory.getLogger(RowCompletion.class);

  /** How far apart the members look at an empty table, so that one of them fills it. */
  private static final long RANK_NANOS = Duration.ofMillis(300).toNanos();

  private static final int GREATEST_RANK = 5;
  private static final long SETTLE_NANOS = Duration.ofMillis(100).toNanos();
  private static final long AGAIN_NANOS = Duration.ofSeconds(1).toNanos();

  private final EventLoop loop;
  private final LeaseStore store;
  private final LeaseTable table;
  private final Discovery discovery;
  private final RandomGenerator random;
  private final String self;
  private final Outcome outcome;

  /** Streams whose shards could not be found, and why. */
  private final Map<String, String> incomplete = new TreeMap<>();

  private boolean stopped;

  /** What it needs of the worker. */
  interface Outcome {
    /** Lists the table, and has {@code next} run once that has succeeded. */
    void listThen(Runnable next);

    /** The rows are there. */
    void completed(ConsumedStream stream);

    /** Whether the stream is still read. */
    boolean isRead(ConsumedStream stream);
  }

  RowCompletion(Discovery.Parts parts, Discovery discovery, String self, Outcome outcome) {
    this.loop = parts.loop();
    this.store = parts.store();
    this.table = parts.table();
    this.random = parts.random();
    this.discovery = discovery;
    this.self = self;
    this.outcome = outcome;
  }

  void stop() {
    stopped = true;
  }

  /** Tells of the streams whose shards can't be found, a line each. */
  void problems(Consumer<String> problem) {
    incomplete.forEach(
        (stream, why) -> problem.accept("shards of stream " + stream + " can't be listed: " + why));
  }

  /** Creates what a stream lacks, if anything, when it is this worker's turn. */
  void begin(ConsumedStream stream) {
    if (TableAudit.hasHole(rows(stream))) {
      // Who starts at the same moment shall have a row by then.
      loop.after(SETTLE_NANOS, () -> findTurn(stream));
    }
  }

  private Map<ShardId, Lease> rows(ConsumedStream stream) {
    return stream.rows(table.leases());
  }

  private void findTurn(ConsumedStream stream) {
    if (stopped) {
      return;
    }
    loop.request(
        store::readFleet,
        AGAIN_NANOS,
        (view, failure) -> {
          if (view == null) {
            loop.after(AGAIN_NANOS, () -> findTurn(stream));
            return;
          }
          Set<String> live = new TreeSet<>();
          live.add(self);
          for (WorkerRow row : view.workers()) {
            if (row.state() == WorkerRow.State.LIVE) {
              live.add(row.worker());
            }
          }
          int rank = Math.min(List.copyOf(live).indexOf(self), GREATEST_RANK);
          if (rank == 0) {
            complete(stream);
          } else {
            completeUnlessOthersDo(stream, rank * RANK_NANOS, rows(stream).size());
          }
        });
  }

  /** As long as rows come, somebody creates them. */
  private void completeUnlessOthersDo(ConsumedStream stream, long waitNanos, int rowsBefore) {
    loop.after(
        waitNanos + random.nextLong(RANK_NANOS),
        () ->
            outcome.listThen(
                () -> {
                  Map<ShardId, Lease> rows = rows(stream);
                  if (TableAudit.hasHole(rows)) {
                    if (rows.size() > rowsBefore) {
                      completeUnlessOthersDo(stream, waitNanos, rows.size());
                    } else {
                      complete(stream);
                    }
                  }
                }));
  }

  private void complete(ConsumedStream stream) {
    if (stopped || !outcome.isRead(stream)) {
      incomplete.remove(stream.name());
      return;
    }
    discovery.completeRows(
        stream,
        failure -> {
          if (failure == null) {
            incomplete.remove(stream.name());
            outcome.completed(stream);
          } else {
            tellOfIncomplete(stream, failure);
            loop.after(AGAIN_NANOS, () -> complete(stream));
          }
        });
  }

  private void tellOfIncomplete(ConsumedStream stream, Throwable failure) {
    String why = failure instanceof StreamException told ? told.text() : Failures.describe(failure);
    if (!why.equals(incomplete.put(stream.name(), why))) {
      LOG.warn("The shards of stream {} can't be listed, going on with it: {}", stream.name(), why);
    }
  }
}
