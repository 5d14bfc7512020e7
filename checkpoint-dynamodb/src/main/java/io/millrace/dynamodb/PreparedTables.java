package io.millrace.dynamodb;

import io.millrace.consumer.lease.FleetMode;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseStore.Consistency;
import io.millrace.consumer.lease.LeaseStore.FleetView;
import io.millrace.consumer.lease.LeaseStore.LeasePage;
import io.millrace.consumer.lease.LeaseStore.Tables;
import io.millrace.consumer.lease.LeaseStoreException;
import io.millrace.consumer.lease.LeaseStoreException.Reason;
import io.millrace.consumer.lease.WorkerRow;
import io.millrace.consumer.lease.WriteOutcome;
import io.millrace.dynamodb.internal.row.LeaseAttributes;
import io.millrace.dynamodb.internal.row.LeaseCodec;
import io.millrace.dynamodb.internal.row.WorkerCodec;
import io.millrace.dynamodb.internal.row.WorkerCodec.Fleet;
import io.millrace.dynamodb.internal.row.WorkerWrites;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ScanResponse;

/**
 * One application's two tables under their names, with what is read from more than one row.
 * Thread-safe.
 */
final class PreparedTables {
  /** A page holds at most 1 MB, so a part of this size takes a handful of requests. */
  static final long BYTES_PER_SEGMENT = 4L << 20;

  static final int MAX_SEGMENTS = 8;

  private final Fleet fleet;
  private final String workerTable;
  private final KclSigns signs;
  private final RowTable<Lease> leases;
  private final RowTable<WorkerRow> workers;
  private final RowTable<FleetMode> modes;
  private final RowTable<Fleet> fleets;

  /** Into how many parts a listing is divided: known when the tables were seen. */
  private volatile int scanSegments = 1;

  PreparedTables(
      DynamoDbAsyncClient client,
      RequestSettings requests,
      TableSettings settings,
      String application) {
    this.fleet = new Fleet(application, settings.leaseTableOf(application));
    this.workerTable = settings.workerTableOf(application);
    this.signs = new KclSigns(client, requests);
    this.leases =
        new RowTable<>(
            client, fleet.leaseTable(), LeaseAttributes.LEASE_KEY, requests, LeaseCodec::decode);
    this.workers = rows(client, workerTable, requests, WorkerCodec::worker);
    this.modes = rows(client, workerTable, requests, WorkerCodec::mode);
    this.fleets = rows(client, workerTable, requests, WorkerCodec::fleet);
  }

  private static <R> RowTable<R> rows(
      DynamoDbAsyncClient client,
      String table,
      RequestSettings requests,
      Function<Map<String, AttributeValue>, Optional<R>> decoder) {
    return new RowTable<>(client, table, WorkerCodec.WORKER, requests, decoder);
  }

  String application() {
    return fleet.application();
  }

  RowTable<Lease> leases() {
    return leases;
  }

  RowTable<WorkerRow> workers() {
    return workers;
  }

  RowTable<FleetMode> modes() {
    return modes;
  }

  /** Makes the tables ready. */
  CompletionStage<Tables> setUp(TableSetup setup, boolean withWorkerTable) {
    CompletionStage<TableSetup.Found> leaseTable = setup.leaseTable(fleet.leaseTable());
    CompletionStage<?> workerTableReady =
        withWorkerTable
            ? setup.workerTable(workerTable, WorkerCodec.WORKER).thenCompose(found -> checkFleet())
            : CompletableFuture.completedFuture(null);
    return leaseTable.thenCombine(
        workerTableReady,
        (found, done) -> {
          scanSegments = segmentsFor(found.sizeBytes());
          return new Tables(found.generation(), found.created(), found.serviceTime());
        });
  }

  static int segmentsFor(long sizeBytes) {
    return (int) Math.min(MAX_SEGMENTS, 1 + sizeBytes / BYTES_PER_SEGMENT);
  }

  CompletionStage<Optional<String>> signOfKcl() {
    return signs.look(application(), leases, fleet.leaseTable());
  }

  /** Reads the next page of every part that is not at its end, at the same time. */
  CompletionStage<LeasePage> listLeases(Consistency consistency, @Nullable String pageToken) {
    ScanCursor cursor =
        pageToken == null ? ScanCursor.start(scanSegments) : ScanCursor.parse(pageToken);
    boolean consistent = consistency == Consistency.STRONG;
    CompletionStage<Pages> pages = CompletableFuture.completedFuture(new Pages());
    for (ScanCursor.Segment segment : cursor.open()) {
      CompletionStage<ScanResponse> page =
          leases.scan(consistent, segment.number(), cursor.segments(), segment.after());
      pages = pages.thenCombine(page, (all, next) -> all.add(segment.number(), next));
    }
    return pages.thenApply(all -> page(all, cursor.segments()));
  }

  /** All workers and the mode; the rows of a fleet are few, so in one sequence of pages. */
  CompletionStage<FleetView> readFleet() {
    return readFleet(null, new ArrayList<>());
  }

  private CompletionStage<FleetView> readFleet(
      @Nullable String after, List<Map<String, AttributeValue>> before) {
    return workers
        .scan(false, 0, 1, after)
        .thenCompose(
            page -> {
              before.addAll(page.items());
              @Nullable String next = workers.lastKey(page);
              return next == null
                  ? CompletableFuture.completedFuture(fleetView(before))
                  : readFleet(next, before);
            });
  }

  private static FleetView fleetView(List<Map<String, AttributeValue>> items) {
    List<WorkerRow> workers =
        items.stream().map(WorkerCodec::worker).flatMap(Optional::stream).toList();
    @Nullable FleetMode mode =
        items.stream().map(WorkerCodec::mode).flatMap(Optional::stream).findFirst().orElse(null);
    return new FleetView(workers, mode);
  }

  private LeasePage page(Pages pages, int segments) {
    List<Lease> found = new ArrayList<>();
    List<ScanCursor.Segment> open = new ArrayList<>();
    for (Pages.Page page : pages.read) {
      for (Map<String, AttributeValue> item : page.reply().items()) {
        LeaseCodec.decode(item)
            .ifPresentOrElse(found::add, () -> signs.sawForeignRow(leases, item));
      }
      @Nullable String next = leases.lastKey(page.reply());
      if (next != null) {
        open.add(new ScanCursor.Segment(page.segment(), next));
      }
    }
    return new LeasePage(found, new ScanCursor(segments, open).token());
  }

  /** Refuses a worker table in which another fleet lives: two fleets would fence each other. */
  private CompletionStage<Void> checkFleet() {
    return fleets
        .write(WorkerWrites.nameFleet(fleet))
        .thenCompose(
            outcome -> {
              if (outcome instanceof WriteOutcome.Conflict<Fleet> conflict
                  && conflict.current().isPresent()) {
                return compare(conflict.current().get());
              }
              if (outcome instanceof WriteOutcome.Refused<Fleet> refused) {
                return CompletableFuture.failedFuture(refused.cause());
              }
              if (outcome instanceof WriteOutcome.Applied<Fleet>) {
                return CompletableFuture.completedFuture(null);
              }
              return CompletableFuture.failedFuture(
                  new LeaseStoreException(
                      Reason.UNAVAILABLE,
                      "worker table '" + workerTable + "' did not answer a write: try again"));
            });
  }

  private CompletionStage<Void> compare(Fleet there) {
    if (there.equals(fleet)) {
      return CompletableFuture.completedFuture(null);
    }
    return CompletableFuture.failedFuture(
        new LeaseStoreException(
            Reason.OTHER_APPLICATION,
            "worker table '"
                + workerTable
                + "' belongs to application '"
                + there.application()
                + "' with lease table '"
                + there.leaseTable()
                + "', not to application '"
                + fleet.application()
                + "' with lease table '"
                + fleet.leaseTable()
                + "': give each application a worker table of its own"));
  }

  /** What the parts of a scan replied, in their order. Built by one stage after the other. */
  private static final class Pages {
    private record Page(int segment, ScanResponse reply) {}

    private final List<Page> read = new ArrayList<>();

    Pages add(int segment, ScanResponse reply) {
      read.add(new Page(segment, reply));
      return this;
    }
  }
}
