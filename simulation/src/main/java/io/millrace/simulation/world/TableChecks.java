package io.millrace.simulation.world;

import io.millrace.consumer.lease.FencingToken;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.Owner;
import io.millrace.consumer.lease.WorkerRow;
import io.millrace.consumer.lease.WriteId;
import io.millrace.model.Position;
import io.millrace.model.ShardId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What every write must leave true of the tables, and what they must say at the moment at which a
 * record is handed to user code.
 *
 * <p>Confined to the simulation's thread.
 */
public final class TableChecks implements SharedTables.Watcher {
  private final Lineages lineages;
  private final Consumer<Lease> progress;
  private final Map<LeaseKey, Lease> last = new HashMap<>();
  private final Map<LeaseKey, Long> ownedSinceCounter = new HashMap<>();
  private final Set<WriteId> settledClaims = new HashSet<>();
  private long generation;
  private Map<String, WorkerRow> workers = Map.of();
  private Map<LeaseKey, Lease> present = Map.of();

  /**
   * Begins with empty tables.
   *
   * @param progress hears of each row whose checkpoint has moved
   */
  public TableChecks(Lineages lineages, Consumer<Lease> progress) {
    this.lineages = lineages;
    this.progress = progress;
  }

  @Override
  public void written(Map<LeaseKey, Lease> leases, Map<String, WorkerRow> rows) {
    present = leases;
    workers = rows;
    for (Lease row : leases.values()) {
      Lease before = last.get(row.key());
      if (before == null || hasMoved(before, row)) {
        check(before, row);
        last.put(row.key(), row);
      }
    }
  }

  private static boolean hasMoved(Lease before, Lease row) {
    return before.counter() != row.counter()
        || !before.claimId().equals(row.claimId())
        || !before.checkpoint().equals(row.checkpoint());
  }

  /**
   * Forgets what was: an operator has put the tables back. Who works on with tokens of an older
   * generation has not seen it yet, and promises nothing.
   */
  public void restored(long newGeneration) {
    generation = newGeneration;
    last.clear();
    ownedSinceCounter.clear();
    settledClaims.clear();
  }

  private void check(@Nullable Lease before, Lease row) {
    if (before == null) {
      checkParentsHaveRows(row);
    } else {
      if (row.checkpoint().precedes(before.checkpoint())) {
        throw new BrokenPromise(
            "the checkpoint of %s goes back from %s to %s",
            row.key(), before.checkpoint(), row.checkpoint());
      }
      if (row.counter() < before.counter()) {
        throw new BrokenPromise(
            "the counter of %s goes back from %d to %d",
            row.key(), before.counter(), row.counter());
      }
      checkClaim(before, row);
    }
    Optional<Owner> holder = row.holderPeriod();
    if (before == null || !holder.equals(before.holderPeriod())) {
      ownedSinceCounter.put(row.key(), row.counter());
    }
    if (before == null || !row.checkpoint().equals(before.checkpoint())) {
      progress.accept(row);
      if (row.isFinished()) {
        checkChildrenHaveRows(row);
      }
    }
  }

  private void checkParentsHaveRows(Lease row) {
    for (ShardId parent : lineages.parentsOf(row.key().shard())) {
      if (!last.containsKey(LeaseKey.of(parent)) && !present.containsKey(LeaseKey.of(parent))) {
        throw new BrokenPromise("%s has a row before its parent %s", row.key(), parent);
      }
    }
  }

  private void checkChildrenHaveRows(Lease row) {
    for (ShardId child : lineages.childrenOf(row.key().shard())) {
      if (!last.containsKey(LeaseKey.of(child)) && !present.containsKey(LeaseKey.of(child))) {
        throw new BrokenPromise("%s is at its end before its child %s has a row", row.key(), child);
      }
    }
  }

  private void checkClaim(Lease before, Lease row) {
    before
        .claimId()
        .filter(id -> !row.claimId().equals(Optional.of(id)))
        .ifPresent(settledClaims::add);
    row.claimId()
        .filter(settledClaims::contains)
        .ifPresent(
            id -> {
              throw new BrokenPromise("a claim of %s that was settled comes back", row.key());
            });
  }

  /**
   * A record is about to be handed to user code: the tables must not say that the shard is another
   * owner's, nor that its worker's period is over, nor that the record is done: an owner starts at
   * the checkpoint that its own take has found.
   */
  public void delivers(String worker, ShardId shard, Position position, FencingToken token) {
    if (token.tableGeneration() < generation) {
      return;
    }
    Lease row = present.get(LeaseKey.of(shard));
    if (row == null) {
      throw new BrokenPromise("%s delivers %s, which has no row", worker, shard);
    }
    if (!row.isHeldBy(worker) || token.counter() < ownedSinceCounter.getOrDefault(row.key(), 0L)) {
      throw new BrokenPromise(
          "two owners: %s delivers %s with %s, which %s holds since counter %d",
          worker,
          shard,
          token,
          row.holderPeriod().map(Owner::toString).orElse("nobody"),
          ownedSinceCounter.getOrDefault(row.key(), 0L));
    }
    WorkerRow member = workers.get(worker);
    if (member == null
        || member.epoch() != row.ownerEpoch()
        || member.state() == WorkerRow.State.FENCED) {
      throw new BrokenPromise(
          "two owners: %s delivers %s in a period that is over for its peers (%s)",
          worker, shard, member == null ? "it has no row" : member.state());
    }
    if (row.checkpoint().position().filter(done -> position.compareTo(done) <= 0).isPresent()) {
      throw new BrokenPromise(
          "repeated: %s delivers %s at %s, which its checkpoint %s covers",
          worker, shard, position, row.checkpoint());
    }
  }
}
