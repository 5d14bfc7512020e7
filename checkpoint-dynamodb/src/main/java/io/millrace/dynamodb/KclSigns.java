package io.millrace.dynamodb;

import io.millrace.consumer.lease.LeaseStoreException;
import io.millrace.consumer.lease.LeaseStoreException.Reason;
import io.millrace.dynamodb.internal.row.LeaseAttributes;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Looks for what a KCL 3 leaves behind: its coordinator and metrics tables, or the rows that it
 * keeps in the lease table from 3.5 on. A KCL 2 leaves nothing but the names of its workers on the
 * leases. Thread-safe.
 */
final class KclSigns {
  private static final List<String> TABLE_SUFFIXES =
      List.of("-CoordinatorState", "-WorkerMetricStats");

  private static final List<String> ROW_KEYS =
      List.of("Leader", "Migration3.0", "TableMigration3.5");

  private static final Set<String> ENTITY_TYPES =
      Set.of(
          "STREAM", "LEADER", "CLIENT_VERSION_MIGRATION", "TABLE_MIGRATION", "WORKER_METRIC_STATS");

  private final DynamoDbAsyncClient client;
  private final RequestSettings requests;

  /** What a listing came across; stays: the KCL has worked here. */
  private volatile @Nullable String seenRow;

  KclSigns(DynamoDbAsyncClient client, RequestSettings requests) {
    this.client = client;
    this.requests = requests;
  }

  /** Notes an item of the lease table that is not a lease. */
  void sawForeignRow(String leaseTable, Map<String, AttributeValue> item) {
    @Nullable AttributeValue entityType = item.get(LeaseAttributes.ENTITY_TYPE);
    if (entityType != null && entityType.s() != null && ENTITY_TYPES.contains(entityType.s())) {
      seenRow = "lease table '" + leaseTable + "' has a row of the KCL's kind " + entityType.s();
    }
  }

  /** The first sign that is found; empty if there is none. */
  CompletionStage<Optional<String>> look(
      String application, RowTable<?> leases, String leaseTable) {
    @Nullable String seen = seenRow;
    if (seen != null) {
      return CompletableFuture.completedFuture(Optional.of(seen));
    }
    Stream<CompletionStage<Optional<String>>> tables =
        TABLE_SUFFIXES.stream().map(suffix -> table(application + suffix));
    Stream<CompletionStage<Optional<String>>> rows =
        ROW_KEYS.stream().map(key -> row(leases, leaseTable, key));
    return Stream.concat(tables, rows)
        .reduce(
            CompletableFuture.completedFuture(Optional.empty()),
            (left, right) -> left.thenCombine(right, (a, b) -> a.isPresent() ? a : b));
  }

  private static CompletionStage<Optional<String>> row(
      RowTable<?> leases, String leaseTable, String key) {
    return leases
        .readItem(key)
        .thenApply(
            item ->
                item.isEmpty()
                    ? Optional.empty()
                    : Optional.of(
                        "lease table '" + leaseTable + "' has the KCL's row '" + key + "'"));
  }

  private CompletionStage<Optional<String>> table(String name) {
    return client
        .describeTable(b -> b.tableName(name).overrideConfiguration(requests.read()))
        .handle((reply, error) -> error == null ? found(name) : notFound(error, name));
  }

  private static Optional<String> found(String name) {
    return Optional.of("there is the KCL's table '" + name + "'");
  }

  /** Without the permission to look, the rows and owners of the lease table have to do. */
  private static Optional<String> notFound(Throwable error, String name) {
    LeaseStoreException failure = Failures.of(error, "DescribeTable", name);
    if (failure.reason() == Reason.TABLE_MISSING || failure.reason() == Reason.ACCESS_DENIED) {
      return Optional.empty();
    }
    throw failure;
  }
}
