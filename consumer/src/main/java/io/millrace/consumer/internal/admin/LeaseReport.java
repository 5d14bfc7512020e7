package io.millrace.consumer.internal.admin;

import io.millrace.consumer.LeaseStatus;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.LeaseStore.FleetView;
import io.millrace.consumer.lease.Parked;
import io.millrace.consumer.lease.StreamIdentity;
import io.millrace.consumer.lease.WorkerRow;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** All leases in an operator's words. Immutable. */
final class LeaseReport {
  private final Map<LeaseKey, Lease> rows = new HashMap<>();
  private final Map<String, WorkerRow> workers = new HashMap<>();
  private final boolean paused;
  private final Instant now;

  LeaseReport(List<Lease> leases, FleetView fleet, Instant now) {
    leases.forEach(lease -> rows.put(lease.key(), lease));
    fleet.workers().forEach(worker -> workers.put(worker.worker(), worker));
    this.paused = fleet.mode() != null && fleet.mode().paused();
    this.now = now;
  }

  List<LeaseStatus> lines() {
    return rows.values().stream().sorted(Comparator.comparing(Lease::key)).map(this::line).toList();
  }

  private LeaseStatus line(Lease row) {
    Set<ShardId> unfinishedParents = new TreeSet<>();
    for (ShardId parent : row.parents()) {
      Lease above = rows.get(new LeaseKey(row.key().stream(), parent));
      if (above != null && !above.isFinished()) {
        unfinishedParents.add(parent);
      }
    }
    return new LeaseStatus(
        row.stream().map(StreamIdentity::arn).orElse(row.key().stream()),
        row.key().shard(),
        row.holder(),
        row.isClaimed() ? row.owner() : Optional.empty(),
        row.checkpoint(),
        row.lastArrival(),
        lag(row),
        unfinishedParents,
        row.parked(),
        reason(row, unfinishedParents));
  }

  private Optional<Duration> lag(Lease row) {
    if (row.isFinished()) {
      return Optional.of(Duration.ZERO);
    }
    return row.lastArrival()
        .map(arrival -> Duration.between(arrival, now))
        .map(lag -> lag.isNegative() ? Duration.ZERO : lag);
  }

  private Optional<String> reason(Lease row, Set<ShardId> unfinishedParents) {
    if (row.isFinished()) {
      return Optional.empty();
    }
    if (row.parked().isPresent()) {
      Parked parked = row.parked().get();
      String what = parked.isByOperator() ? "paused by an operator: " : "parked: ";
      return Optional.of(what + parked.reason());
    }
    if (paused) {
      return Optional.of("the application is paused by an operator");
    }
    if (!unfinishedParents.isEmpty()) {
      return Optional.of("waiting for parents " + unfinishedParents);
    }
    if (row.holder().isEmpty()) {
      return Optional.of("not owned by any worker");
    }
    String holder = row.holder().get();
    WorkerRow worker = workers.get(holder);
    if (worker == null) {
      return Optional.of("held by '" + holder + "', which is no worker of this application");
    }
    if (worker.state() == WorkerRow.State.FENCED || worker.epoch() != row.ownerEpoch()) {
      return Optional.of("held by '" + holder + "', which is dead: about to be taken over");
    }
    return row.isClaimed() ? row.owner().map(to -> "being handed over to " + to) : Optional.empty();
  }
}
