package io.millrace.dynamodb;

import io.millrace.consumer.lease.LeaseStoreException;
import io.millrace.consumer.lease.LeaseStoreException.Reason;
import io.millrace.dynamodb.internal.row.LeaseAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Looks for what a KCL 3 leaves behind: its coordinator and metrics tables, or the rows that it
 * keeps in the lease table from 3.5 on. A KCL 2 leaves nothing but the names of its workers on the
 * leases. Thread-safe.
 */
final class KclSigns {
  private static final String COORDINATOR_SUFFIX = "-CoordinatorState";

  private static final List<String> TABLE_SUFFIXES =
      List.of(COORDINATOR_SUFFIX, "-WorkerMetricStats");

  private static final String MIGRATION_KEY = "Migration3.0";

  private static final List<String> ROW_KEYS =
      List.of("Leader", MIGRATION_KEY, "TableMigration3.5");

  /** S: who assigns leases, in the row {@value #MIGRATION_KEY}. */
  private static final String VERSION_MODE = "cv";

  private static final Set<String> VERSION_MODES =
      Set.of(
          "CLIENT_VERSION_INIT",
          "CLIENT_VERSION_UPGRADE_FROM_2X",
          "CLIENT_VERSION_2X",
          "CLIENT_VERSION_3X_WITH_ROLLBACK",
          "CLIENT_VERSION_3X");

  /** S: where the KCL keeps its own rows, in the row {@code TableMigration3.5}. */
  private static final String TABLE_MODE = "tm";

  private static final Set<String> TABLE_MODES =
      Set.of(
          "TABLE_MIGRATION_STATUS_INIT",
          "TABLE_MIGRATION_STATUS_DEPLOYED",
          "TABLE_MIGRATION_STATUS_PENDING",
          "TABLE_MIGRATION_STATUS_COMPLETE");

  private final DynamoDbAsyncClient client;
  private final RequestSettings requests;

  /** What a listing came across last. */
  private volatile @Nullable SeenRow seenRow;

  /** A row of the KCL's that is no lease. */
  private record SeenRow(String key, String kind) {}

  KclSigns(DynamoDbAsyncClient client, RequestSettings requests) {
    this.client = client;
    this.requests = requests;
  }

  /** Notes an item of the lease table that is not a lease. */
  void sawForeignRow(RowTable<?> leases, Map<String, AttributeValue> item) {
    @Nullable AttributeValue entityType = item.get(LeaseAttributes.ENTITY_TYPE);
    if (entityType != null
        && entityType.s() != null
        && LeaseAttributes.KCL_ENTITIES.contains(entityType.s())) {
      seenRow = new SeenRow(leases.keyOf(item), entityType.s());
    }
  }

  /** Looks once more: who removes the KCL's rows need not start its workers again. */
  private CompletionStage<Optional<String>> seenRow(RowTable<?> leases, String leaseTable) {
    @Nullable SeenRow seen = seenRow;
    if (seen == null) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    return leases
        .readItem(seen.key())
        .thenApply(
            item -> {
              if (item.isEmpty()) {
                seenRow = null;
                return Optional.empty();
              }
              return Optional.of(
                  "lease table '" + leaseTable + "' has a row of the KCL's kind " + seen.kind());
            });
  }

  /**
   * The first sign that is found; empty if there is none. Fails if the KCL says that it works in a
   * way that is not known here.
   */
  CompletionStage<Optional<String>> look(
      String application, RowTable<?> leases, String leaseTable) {
    List<CompletionStage<Optional<String>>> looks = new ArrayList<>();
    for (String suffix : TABLE_SUFFIXES) {
      looks.add(table(application + suffix));
    }
    for (String key : ROW_KEYS) {
      looks.add(leases.readItem(key).thenApply(item -> row(item, leaseTable, key)));
    }
    return looks.stream()
        .reduce(
            seenRow(leases, leaseTable),
            (left, right) -> left.thenCombine(right, (a, b) -> a.isPresent() ? a : b));
  }

  private static Optional<String> row(Map<String, AttributeValue> item, String table, String key) {
    if (item.isEmpty()) {
      return Optional.empty();
    }
    refuseUnknown(item, table, key, VERSION_MODE, VERSION_MODES);
    refuseUnknown(item, table, key, TABLE_MODE, TABLE_MODES);
    return Optional.of("table '" + table + "' has the KCL's row '" + key + "'");
  }

  private static void refuseUnknown(
      Map<String, AttributeValue> item,
      String table,
      String key,
      String attribute,
      Set<String> known) {
    @Nullable AttributeValue mode = item.get(attribute);
    if (mode != null && (mode.s() == null || !known.contains(mode.s()))) {
      throw new LeaseStoreException(
          Reason.UNKNOWN_KCL_MODE,
          "row '"
              + key
              + "' of table '"
              + table
              + "' says that a KCL works in the mode '"
              + mode.s()
              + "', which this version does not know: it could not share the leases with it. Stop"
              + " the KCL and remove the row, or use a version that knows the mode");
    }
  }

  /** The coordinator's state of a KCL 3.0 to 3.4 stands in a table of its own. */
  private CompletionStage<Optional<String>> table(String name) {
    return client
        .describeTable(b -> b.tableName(name).overrideConfiguration(requests.read()))
        .handle(
            (reply, error) ->
                error == null ? Optional.of(name) : notFound(error, "DescribeTable", name))
        .thenCompose(
            found ->
                found.isPresent() && name.endsWith(COORDINATOR_SUFFIX)
                    ? coordinatorRow(name)
                    : CompletableFuture.completedFuture(found))
        .thenApply(found -> found.map(sign -> "there is the KCL's table '" + name + "'"));
  }

  private CompletionStage<Optional<String>> coordinatorRow(String table) {
    return client
        .getItem(
            b ->
                b.tableName(table)
                    .key(Map.of("key", AttributeValue.fromS(MIGRATION_KEY)))
                    .consistentRead(true)
                    .overrideConfiguration(requests.read()))
        .handle(
            (reply, error) -> {
              if (error == null) {
                row(reply.item(), table, MIGRATION_KEY);
              } else {
                notFound(error, "GetItem", table);
              }
              return Optional.of(table);
            });
  }

  /** Without the permission to look, the rows and owners of the lease table have to do. */
  private static Optional<String> notFound(Throwable error, String action, String name) {
    LeaseStoreException failure = Failures.of(error, action, name);
    if (failure.reason() == Reason.TABLE_MISSING || failure.reason() == Reason.ACCESS_DENIED) {
      return Optional.empty();
    }
    throw failure;
  }
}
