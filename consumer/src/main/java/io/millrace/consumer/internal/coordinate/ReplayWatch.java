package io.millrace.consumer.internal.coordinate;

import io.millrace.consumer.ReplayProgress;
import io.millrace.consumer.internal.coordinate.WorkerLoop.View;
import io.millrace.consumer.internal.fetch.Reply;
import io.millrace.consumer.internal.fetch.StreamPort;
import io.millrace.consumer.internal.fetch.StreamPort.ShardListing;
import io.millrace.consumer.internal.fetch.StreamPort.ShardPage;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseStore.Consistency;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Watches a replay from one of its workers: reads the lease table every two seconds, and once all
 * its rows are finished asks the service whether every open shard has one. Shards get their rows in
 * the order of their lineage, so then all of them have.
 *
 * <p>Confined to the loop, but for {@link #progress}.
 */
final class ReplayWatch {
  private static final long LOOK_NANOS = Duration.ofSeconds(2).toNanos();
  private static final long REQUEST_NANOS = TimeUnit.SECONDS.toNanos(20);

  private final WorkerLoop worker;
  private final StreamPort streams;
  private final Consumer<ReplayProgress> onComplete;
  private volatile ReplayProgress progress = new ReplayProgress(0, 0, Optional.empty(), false);

  /**
   * Creates a watch that does not look yet.
   *
   * @param onComplete called once, on the loop
   */
  ReplayWatch(WorkerLoop worker, StreamPort streams, Consumer<ReplayProgress> onComplete) {
    this.worker = worker;
    this.streams = streams;
    this.onComplete = onComplete;
  }

  ReplayProgress progress() {
    return progress;
  }

  /**
   * Looks from now on. Callable from any thread.
   *
   * @param nameOrArn the stream, which the worker reads
   */
  void begin(String nameOrArn) {
    worker.run(
        view -> view.stream(nameOrArn).ifPresent(stream -> look(view, stream.identity().arn())));
  }

  private void look(View view, String stream) {
    view.reader()
        .list(
            Consistency.STRONG,
            failure -> {
              Collection<Lease> rows = view.table().leases();
              if (failure == null) {
                progress = of(rows);
              }
              if (failure == null && !rows.isEmpty() && rows.stream().allMatch(Lease::isFinished)) {
                checkShards(view, stream, Optional.empty(), new HashSet<>());
              } else {
                lookLater(view, stream);
              }
            });
  }

  private void lookLater(View view, String stream) {
    var unused = view.loop().after(LOOK_NANOS, () -> look(view, stream));
  }

  /** What the rows say. A shard that waits for a parent can't be further behind than that one. */
  static ReplayProgress of(Collection<Lease> rows) {
    Set<ShardId> unfinished = new HashSet<>();
    for (Lease row : rows) {
      if (!row.isFinished()) {
        unfinished.add(row.key().shard());
      }
    }
    boolean known = true;
    Instant least = Instant.MAX;
    for (Lease row : rows) {
      if (row.isFinished() || row.parents().stream().anyMatch(unfinished::contains)) {
        continue;
      }
      known &= row.lastArrival().isPresent();
      Instant arrival = row.lastArrival().orElse(Instant.MAX);
      least = arrival.isBefore(least) ? arrival : least;
    }
    return new ReplayProgress(
        rows.size(),
        rows.size() - unfinished.size(),
        known && !unfinished.isEmpty() ? Optional.of(least) : Optional.empty(),
        false);
  }

  /** Collects the open shards, page by page, and compares them with the rows. */
  private void checkShards(View view, String stream, Optional<String> page, Set<ShardId> open) {
    view.loop()
        .request(
            () -> streams.listShards(stream, page),
            REQUEST_NANOS,
            (reply, failure) -> {
              if (!(reply instanceof Reply.Ok<ShardPage> ok)) {
                lookLater(view, stream);
                return;
              }
              for (ShardListing shard : ok.value().shards()) {
                if (!shard.closed()) {
                  open.add(shard.shard());
                }
              }
              if (ok.value().nextToken().isPresent()) {
                checkShards(view, stream, ok.value().nextToken(), open);
              } else {
                conclude(view, stream, open);
              }
            });
  }

  private void conclude(View view, String stream, Set<ShardId> open) {
    Set<ShardId> finished = new HashSet<>();
    for (Lease row : view.table().leases()) {
      if (row.isFinished()) {
        finished.add(row.key().shard());
      }
    }
    if (!finished.containsAll(open)) {
      lookLater(view, stream);
      return;
    }
    ReplayProgress last = progress;
    progress = new ReplayProgress(last.shards(), last.finishedShards(), Optional.empty(), true);
    onComplete.accept(progress);
  }
}
