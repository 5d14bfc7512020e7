package io.millrace.consumer.internal.hold;

import io.millrace.consumer.internal.discover.ConsumedStream;
import io.millrace.consumer.internal.fetch.ChildShard;
import io.millrace.consumer.internal.loop.Failures;
import io.millrace.consumer.internal.shard.CheckpointOutcome;
import io.millrace.consumer.internal.shard.ShardOwnership;
import io.millrace.consumer.lease.Checkpoint;
import io.millrace.consumer.lease.Parked;
import io.millrace.consumer.lease.PendingCheckpoint;
import io.millrace.consumer.lease.Progress;
import io.millrace.model.Position;
import io.millrace.model.ShardId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a shard consumer may do with its lease: fenced writes, until it is closed.
 *
 * <p>Confined to the loop, but for {@link #mayDeliver} and {@link #isHeldBack}.
 */
final class OwnedShard implements ShardOwnership {
  /** How often the service is asked for the children of an ended shard before it has none. */
  private static final int CHILDREN_ATTEMPTS = 5;

  private final HoldParts parts;
  private final ConsumedStream stream;
  private final LeaseWriter writer;
  private final Renewal renewal;
  private final HeldLease lease;
  private volatile boolean open;
  private List<ChildShard> children = List.of();
  private int childrenAttempts;
  private @Nullable CompletableFuture<CheckpointOutcome> ending;

  OwnedShard(
      HoldParts parts,
      ConsumedStream stream,
      LeaseWriter writer,
      Renewal renewal,
      HeldLease lease) {
    this.parts = parts;
    this.stream = stream;
    this.writer = writer;
    this.renewal = renewal;
    this.lease = lease;
  }

  void open() {
    open = true;
  }

  void close() {
    open = false;
  }

  @Override
  public boolean mayDeliver(long nowNanos) {
    return open && renewal.isUp(nowNanos);
  }

  @Override
  public boolean isHeldBack() {
    return !open || renewal.isLowered();
  }

  @Override
  public CompletionStage<CheckpointOutcome> checkpoint(
      Position position, Optional<Instant> arrival, byte[] ahead, long nowNanos) {
    Checkpoint checkpoint = Checkpoint.at(position);
    if (writer.known().isFinished()) {
      return CompletableFuture.completedFuture(new CheckpointOutcome.LeaseLost());
    }
    refuseStepBack(checkpoint);
    Progress progress = Progress.of(checkpoint).withAhead(ahead);
    if (arrival.isPresent()) {
      progress = progress.withLastArrival(arrival.get());
    }
    return write(progress);
  }

  @Override
  public CompletionStage<CheckpointOutcome> prepare(
      Position position, byte[] state, long nowNanos) {
    Checkpoint prepared = Checkpoint.at(position);
    if (writer.known().isFinished()) {
      return CompletableFuture.completedFuture(new CheckpointOutcome.LeaseLost());
    }
    refuseStepBack(prepared);
    return write(
        Progress.of(writer.known().checkpoint())
            .withPending(new PendingCheckpoint(prepared, state)));
  }

  private void refuseStepBack(Checkpoint checkpoint) {
    Checkpoint stored = writer.known().checkpoint();
    if (checkpoint.precedes(stored)) {
      throw new IllegalArgumentException(
          "checkpoint " + checkpoint + " precedes the stored " + stored + ": it never goes back");
    }
  }

  private CompletionStage<CheckpointOutcome> write(Progress progress) {
    Progress measured =
        lease.measuredKBps().isPresent()
            ? progress.withThroughputKBps(lease.measuredKBps().getAsDouble())
            : progress;
    CompletableFuture<CheckpointOutcome> outcome = new CompletableFuture<>();
    writer.write(
        (holding, id) -> parts.store().checkpoint(holding, measured, id),
        parts.timing().checkpointNanos(),
        result -> settle(outcome, result));
    return outcome;
  }

  private void settle(CompletableFuture<CheckpointOutcome> outcome, WriteResult result) {
    if (result instanceof WriteResult.Written) {
      outcome.complete(new CheckpointOutcome.Applied());
    } else if (result instanceof WriteResult.Unavailable unavailable) {
      outcome.complete(new CheckpointOutcome.Unavailable(unavailable.reason()));
    } else {
      // Unfit: only a finished row refuses its holder's checkpoint.
      outcome.complete(new CheckpointOutcome.LeaseLost());
    }
    lease.outcomeGiven();
  }

  // ---- the end of the shard

  @Override
  public void childrenFound(List<ChildShard> found, long nowNanos) {
    children = List.copyOf(found);
    if (!children.isEmpty()) {
      // Early: a failure is no matter, as the end makes sure of it.
      parts.discovery().createChildren(stream, shard(), children, failure -> {});
    }
  }

  @Override
  public void endsEarly() {
    childrenAttempts = CHILDREN_ATTEMPTS;
  }

  @Override
  public CompletionStage<CheckpointOutcome> ended(long nowNanos) {
    if (ending != null) {
      return ending;
    }
    CompletableFuture<CheckpointOutcome> outcome = new CompletableFuture<>();
    ending = outcome;
    if (children.isEmpty()) {
      parts
          .discovery()
          .completeRows(stream, failure -> endWith(childrenByRows(), outcome, failure));
    } else {
      Set<ShardId> named =
          children.stream().map(ChildShard::shard).collect(Collectors.toUnmodifiableSet());
      parts
          .discovery()
          .createChildren(stream, shard(), children, failure -> endWith(named, outcome, failure));
    }
    return outcome;
  }

  private ShardId shard() {
    return writer.known().key().shard();
  }

  private Set<ShardId> childrenByRows() {
    ShardId me = shard();
    return stream.rows(parts.table().leases()).values().stream()
        .filter(row -> row.parents().contains(me))
        .map(row -> row.key().shard())
        .collect(Collectors.toUnmodifiableSet());
  }

  /** The children's rows are durable, or why not: only then may the shard's end be. */
  private void endWith(
      Set<ShardId> durable,
      CompletableFuture<CheckpointOutcome> outcome,
      @Nullable Throwable failure) {
    if (failure != null) {
      endUnavailable(outcome, "rows of the children: " + Failures.describe(failure));
    } else if (durable.isEmpty() && ++childrenAttempts < CHILDREN_ATTEMPTS) {
      endUnavailable(outcome, "the service names no children of the closed shard yet");
    } else {
      writer.write(
          (holding, id) -> parts.store().endShard(holding, durable, id),
          parts.timing().checkpointNanos(),
          result -> {
            ending = null;
            if (result instanceof WriteResult.Written) {
              outcome.complete(new CheckpointOutcome.Applied());
              lease.outcomeGiven();
              lease.shardEnded();
            } else {
              settle(outcome, result);
            }
          });
    }
  }

  private void endUnavailable(CompletableFuture<CheckpointOutcome> outcome, String reason) {
    ending = null;
    outcome.complete(new CheckpointOutcome.Unavailable(reason));
    lease.outcomeGiven();
  }

  // ---- parked

  @Override
  public void parked(String reason, int attempts, long nowNanos) {
    Parked parked = new Parked(reason, parts.loop().wallTime(), Math.max(1, attempts));
    writer.write(
        (holding, id) -> parts.store().park(holding, parked, id),
        HoldTiming.FOR_EVER_NANOS,
        result -> {
          if (result instanceof WriteResult.Written) {
            lease.parked();
          }
          lease.outcomeGiven();
        });
  }
}
