package io.millrace.samples.check;

import static io.millrace.samples.check.Finding.changes;
import static io.millrace.samples.check.Finding.stays;
import static io.millrace.samples.check.Finding.stop;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Reads the rows of a KCL's lease table, and tells what Millrace would make of them. Only looks:
 * nothing is written. Confined to one thread.
 */
final class LeaseTableCheck {
  private static final Set<String> POSITIONS_WITHOUT_TIME = Set.of("LATEST", "AT_TIMESTAMP");
  private static final Set<String> COORDINATOR_KEYS =
      Set.of("Leader", "Migration3.0", "TableMigration3.5");

  /** What rows that are no leases say to be, up to KCL 3.5. */
  private static final Set<String> OTHER_KINDS =
      Set.of(
          "STREAM", "LEADER", "CLIENT_VERSION_MIGRATION", "TABLE_MIGRATION", "WORKER_METRIC_STATS");

  private final Contents contents;
  private final List<Map<String, AttributeValue>> leases = new ArrayList<>();
  private final List<Map<String, AttributeValue>> others = new ArrayList<>();
  private final List<Finding> findings = new ArrayList<>();

  /**
   * What was read.
   *
   * @param items all rows of the lease table
   * @param coordinatorItems all rows of the table {@code <application>-CoordinatorState}; none if
   *     there is no such table
   * @param workerMetrics whether there is a table {@code <application>-WorkerMetricStats}
   * @param ownerIndex whether the lease table has the index {@code LeaseOwnerToLeaseKeyIndex}
   * @param epochSeconds the time now
   */
  record Contents(
      List<Map<String, AttributeValue>> items,
      List<Map<String, AttributeValue>> coordinatorItems,
      boolean workerMetrics,
      boolean ownerIndex,
      long epochSeconds) {}

  private LeaseTableCheck(Contents contents) {
    this.contents = contents;
    for (Map<String, AttributeValue> item : contents.items()) {
      (isLease(item) ? leases : others).add(item);
    }
  }

  /** What is to be known of this table. */
  static List<Finding> of(Contents contents) {
    LeaseTableCheck check = new LeaseTableCheck(contents);
    check.streams();
    check.unknownKinds();
    check.version();
    check.tableMigration();
    check.liveWorkers();
    check.positions();
    check.handoffs();
    check.whatStays();
    return check.findings;
  }

  private void streams() {
    long ofMany = count(lease -> lease.containsKey("streamName"));
    if (leases.isEmpty()) {
      findings.add(
          stop("there is no lease: the application has never run under this name and region"));
    } else if (ofMany > 0 && ofMany < leases.size()) {
      findings.add(
          stop(
              ofMany
                  + " of "
                  + leases.size()
                  + " leases are of an application that reads many streams, the others of one that"
                  + " reads a single one: delete those that are not in use first"));
    } else if (ofMany > 0) {
      findings.add(
          changes(
              "the application reads many streams: name all of them at the builder; with a single"
                  + " one the start is refused"));
    } else {
      findings.add(
          changes(
              "the application reads a single stream: name that one alone at the builder; with"
                  + " several the start is refused"));
    }
  }

  private void unknownKinds() {
    long unknown =
        others.stream()
            .filter(row -> row.containsKey("checkpoint") && row.containsKey("leaseCounter"))
            .filter(row -> text(row, "entityType").filter(OTHER_KINDS::contains).isEmpty())
            .count();
    if (unknown > 0) {
      findings.add(
          stop(
              unknown
                  + " rows are leases of a kind (entityType) that no KCL up to 3.5 writes: Millrace"
                  + " refuses to start on such a table"));
    }
  }

  private void version() {
    Optional<String> mode = coordinator("Migration3.0").flatMap(row -> text(row, "cv"));
    if (mode.isEmpty()) {
      boolean kcl3 = contents.workerMetrics() || others.stream().anyMatch(this::isCoordinator);
      findings.add(
          changes(
              kcl3
                  ? "a KCL 3 has worked here: heartbeats are per lease, as the KCL's"
                  : "no sign of a KCL 3: a KCL 2 or older. Its workers take leases from others for"
                      + " balance: stop them all before the first Millrace worker starts, or set"
                      + " heartbeats(PER_LEASE) and expect duplicates"));
      return;
    }
    findings.add(
        switch (mode.get()) {
          case "CLIENT_VERSION_3X" ->
              changes("KCL 3, a leader assigns the leases: heartbeats are per lease, as the KCL's");
          case "CLIENT_VERSION_INIT",
              "CLIENT_VERSION_2X",
              "CLIENT_VERSION_UPGRADE_FROM_2X",
              "CLIENT_VERSION_3X_WITH_ROLLBACK" ->
              changes(
                  "KCL 3 on its way from 2 ("
                      + mode.get()
                      + "): its workers may take leases from others for balance. Finish or undo"
                      + " that upgrade first, or expect duplicates in a mixed fleet");
          default ->
              stop(
                  "the KCL's mode is "
                      + mode.get()
                      + ", which Millrace does not know: it refuses to start on such a table");
        });
  }

  private void tableMigration() {
    coordinator("TableMigration3.5")
        .flatMap(row -> text(row, "tm"))
        .ifPresent(
            status ->
                findings.add(
                    switch (status) {
                      case "TABLE_MIGRATION_STATUS_COMPLETE" ->
                          changes(
                              "the KCL keeps everything in this table for good: to go back you"
                                  + " need KCL 3.5 or newer");
                      case "TABLE_MIGRATION_STATUS_INIT",
                          "TABLE_MIGRATION_STATUS_DEPLOYED",
                          "TABLE_MIGRATION_STATUS_PENDING" ->
                          changes(
                              "the KCL is moving its other tables into this one ("
                                  + status
                                  + "): let it finish before the move");
                      default ->
                          stop(
                              "the KCL's tables are in the state "
                                  + status
                                  + ", which Millrace does not know");
                    }));
  }

  private void liveWorkers() {
    Set<String> live = new TreeSet<>();
    for (Map<String, AttributeValue> row : others) {
      boolean metrics = text(row, "entityType").filter("WORKER_METRIC_STATS"::equals).isPresent();
      long updated = number(row, "lut").orElse(0L);
      if (metrics && contents.epochSeconds() - updated < 60) {
        text(row, "leaseKey").ifPresent(live::add);
      }
    }
    if (!live.isEmpty()) {
      findings.add(
          changes(
              live.size()
                  + " KCL workers have reported within the last minute: they keep their leases"
                  + " until they stop, and then Millrace takes them over"));
    }
  }

  private void positions() {
    long withoutTime =
        count(
            lease ->
                text(lease, "checkpoint").filter(POSITIONS_WITHOUT_TIME::contains).isPresent()
                    && !lease.containsKey("millraceStartTimestamp"));
    if (withoutTime > 0) {
      findings.add(
          changes(
              withoutTime
                  + " leases have never been checkpointed and stand at LATEST or AT_TIMESTAMP; the"
                  + " KCL keeps no time with them, so reading starts at the tip: let the KCL make a"
                  + " checkpoint of them first"));
    }
    long inside = count(lease -> number(lease, "checkpointSubSequenceNumber").orElse(0L) > 0);
    long finished =
        count(lease -> text(lease, "checkpoint").filter("SHARD_END"::equals).isPresent());
    findings.add(
        stays(
            leases.size()
                + " leases, "
                + finished
                + " of them of finished shards; "
                + inside
                + " checkpoints inside an aggregate are taken over exactly"));
    long pending = count(lease -> lease.containsKey("pendingCheckpoint"));
    if (pending > 0) {
      findings.add(
          stays(
              pending + " prepared checkpoints are handed to shard processors, with their state"));
    }
  }

  private void handoffs() {
    long underWay = count(lease -> lease.containsKey("checkpointOwner"));
    if (underWay > 0) {
      findings.add(
          changes(
              underWay
                  + " leases are being handed over (checkpointOwner): if they stay so, the handoff"
                  + " was left unfinished, and Millrace takes them once their heartbeat stands"
                  + " still"));
    }
  }

  private void whatStays() {
    findings.add(
        changes(
            "Millrace adds attributes that begin with millrace to the leases, which every KCL keeps"
                + " and ignores, and a table for its workers, <application>-MillraceWorkers"));
    findings.add(
        contents.ownerIndex()
            ? stays("the index LeaseOwnerToLeaseKeyIndex is there: a KCL 3 can go on at once")
            : changes(
                "the index LeaseOwnerToLeaseKeyIndex is missing: a KCL 3 builds it before it"
                    + " starts, which takes minutes; ownerIndex(true) creates it"));
  }

  private long count(Predicate<Map<String, AttributeValue>> wanted) {
    return leases.stream().filter(wanted).count();
  }

  private static boolean isLease(Map<String, AttributeValue> item) {
    boolean leaseEntity = text(item, "entityType").map("LEASE"::equals).orElse(true);
    return leaseEntity && item.containsKey("checkpoint");
  }

  private boolean isCoordinator(Map<String, AttributeValue> item) {
    return text(item, "leaseKey").filter(COORDINATOR_KEYS::contains).isPresent();
  }

  private Optional<Map<String, AttributeValue>> coordinator(String key) {
    return others.stream()
        .filter(row -> text(row, "leaseKey").filter(key::equals).isPresent())
        .findFirst()
        .or(
            () ->
                contents.coordinatorItems().stream()
                    .filter(row -> text(row, "key").filter(key::equals).isPresent())
                    .findFirst());
  }

  private static Optional<String> text(Map<String, AttributeValue> row, String name) {
    return Optional.ofNullable(row.get(name)).map(AttributeValue::s);
  }

  private static Optional<Long> number(Map<String, AttributeValue> row, String name) {
    return Optional.ofNullable(row.get(name)).map(AttributeValue::n).map(Long::parseLong);
  }
}
