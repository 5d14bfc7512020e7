package io.millrace.dynamodb;

import static io.millrace.dynamodb.internal.row.LeaseAttributes.LEASE_KEY;
import static io.millrace.dynamodb.internal.row.LeaseAttributes.LEASE_OWNER;
import static io.millrace.dynamodb.internal.row.LeaseAttributes.OWNER_INDEX;

import io.millrace.consumer.lease.LeaseStoreException;
import io.millrace.consumer.lease.LeaseStoreException.Reason;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.ContinuousBackupsUnavailableException;
import software.amazon.awssdk.services.dynamodb.model.CreateTableRequest;
import software.amazon.awssdk.services.dynamodb.model.DescribeTableResponse;
import software.amazon.awssdk.services.dynamodb.model.GlobalSecondaryIndexUpdate;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ProjectionType;
import software.amazon.awssdk.services.dynamodb.model.ResourceInUseException;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.TableDescription;
import software.amazon.awssdk.services.dynamodb.model.Tag;
import software.amazon.awssdk.utils.DateUtils;

/**
 * Finds tables, creates missing ones where it may, and checks that they are what they should be.
 * Never changes a table that it did not create, but for the KCL's index on request. Thread-safe.
 */
final class TableSetup {
  /** Pauses between looks at a table that is being created: about a minute in all. */
  static final int MAX_LOOKS = 120;

  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(500);

  private static final Logger log = LoggerFactory.getLogger(TableSetup.class);

  private final DynamoDbAsyncClient client;
  private final TableSettings settings;
  private final RequestSettings requests;
  private final Function<Duration, CompletionStage<Void>> pause;
  private final boolean mayCreate;

  TableSetup(
      DynamoDbAsyncClient client,
      TableSettings settings,
      RequestSettings requests,
      Function<Duration, CompletionStage<Void>> pause,
      boolean mayCreate) {
    this.client = client;
    this.mayCreate = mayCreate;
    this.settings = settings;
    this.requests = requests;
    this.pause = pause;
  }

  /**
   * A table that is ready.
   *
   * @param generation the creation time in epoch milliseconds
   * @param sizeBytes as the service last counted it, every few hours
   * @param created whether this call created it
   * @param serviceTime from the {@code Date} of the reply
   */
  record Found(long generation, long sizeBytes, boolean created, Optional<Instant> serviceTime) {}

  /** Makes the lease table ready. */
  CompletionStage<Found> leaseTable(String name) {
    return look(name, LEASE_KEY, false, 1)
        .thenApply(
            seen -> {
              if (seen.created() && settings.pointInTimeRecovery()) {
                inBackground(
                    enableRecovery(name, 1),
                    "Point-in-time recovery was not enabled for a new lease table: enable it");
              }
              if (settings.ownerIndex() && !hasOwnerIndex(seen.table())) {
                inBackground(
                    addOwnerIndex(name),
                    "The index of owners was not added to a lease table: Millrace does without, a"
                        + " KCL that takes over adds it");
              }
              return found(seen);
            });
  }

  /** Makes the worker table ready. */
  CompletionStage<Found> workerTable(String name, String keyAttribute) {
    return look(name, keyAttribute, false, 1).thenApply(TableSetup::found);
  }

  private record Seen(TableDescription table, boolean created, Optional<Instant> at) {}

  private record Described(TableDescription table, Optional<Instant> at) {}

  private static Found found(Seen seen) {
    TableDescription table = seen.table();
    return new Found(
        table.creationDateTime().toEpochMilli(),
        table.tableSizeBytes() == null ? 0 : table.tableSizeBytes(),
        seen.created(),
        seen.at());
  }

  private CompletionStage<Seen> look(String name, String key, boolean created, int looks) {
    return describe(name)
        .thenCompose(
            table -> {
              if (table.isPresent()) {
                return examine(table.get(), key, created, looks);
              }
              return created ? lookAgain(name, key, true, looks) : create(name, key, looks);
            });
  }

  private CompletionStage<Optional<Described>> describe(String name) {
    return client
        .describeTable(b -> b.tableName(name).overrideConfiguration(requests.read()))
        .thenApply(reply -> Optional.of(new Described(reply.table(), serviceTime(reply))))
        .exceptionallyCompose(
            error ->
                Failures.unwrapped(error) instanceof ResourceNotFoundException
                    ? CompletableFuture.completedFuture(Optional.empty())
                    : CompletableFuture.failedFuture(Failures.of(error, "DescribeTable", name)));
  }

  private static Optional<Instant> serviceTime(DescribeTableResponse reply) {
    @Nullable SdkHttpResponse http = reply.sdkHttpResponse();
    try {
      return http == null
          ? Optional.empty()
          : http.firstMatchingHeader("Date").map(DateUtils::parseRfc822Date);
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  private CompletionStage<Seen> examine(
      Described described, String key, boolean created, int looks) {
    TableDescription table = described.table();
    checkKey(table, key);
    return switch (table.tableStatus()) {
      case ACTIVE, UPDATING ->
          CompletableFuture.completedFuture(new Seen(table, created, described.at()));
      case CREATING -> lookAgain(table.tableName(), key, created, looks);
      case DELETING,
          INACCESSIBLE_ENCRYPTION_CREDENTIALS,
          ARCHIVING,
          ARCHIVED,
          REPLICATION_NOT_AUTHORIZED,
          UNKNOWN_TO_SDK_VERSION ->
          CompletableFuture.failedFuture(
              new LeaseStoreException(
                  Reason.TABLE_MISSING,
                  "Table '"
                      + table.tableName()
                      + "' can't be used: its status is "
                      + table.tableStatusAsString()
                      + ", it must be ACTIVE"));
    };
  }

  private CompletionStage<Seen> lookAgain(String name, String key, boolean created, int looks) {
    if (looks == MAX_LOOKS) {
      return CompletableFuture.failedFuture(
          new LeaseStoreException(
              Reason.UNAVAILABLE,
              "Table '"
                  + name
                  + "' is still being created after "
                  + BETWEEN_LOOKS.multipliedBy(MAX_LOOKS).toSeconds()
                  + " s: start again when it is ACTIVE"));
    }
    return pause.apply(BETWEEN_LOOKS).thenCompose(done -> look(name, key, created, looks + 1));
  }

  private CompletionStage<Seen> create(String name, String key, int looks) {
    if (!mayCreate) {
      return CompletableFuture.failedFuture(
          new LeaseStoreException(
              Reason.TABLE_MISSING,
              "Table '"
                  + name
                  + "' does not exist: no worker of this application was started, or check its"
                  + " name, the table's name and the client's region"));
    }
    if (!settings.create()) {
      return CompletableFuture.failedFuture(
          new LeaseStoreException(
              Reason.TABLE_MISSING,
              "Table '"
                  + name
                  + "' does not exist and createTables is false: create it with the hash key "
                  + key
                  + " (S) and no range key, or check the client's region"));
    }
    return client
        .createTable(definition(name, key))
        .thenApply(reply -> Optional.of(new Described(reply.tableDescription(), Optional.empty())))
        .exceptionallyCompose(
            error ->
                Failures.unwrapped(error) instanceof ResourceInUseException
                    ? CompletableFuture.completedFuture(Optional.empty())
                    : CompletableFuture.failedFuture(denied(error, name)))
        .thenCompose(
            table ->
                table.isPresent()
                    ? examine(table.get(), key, true, looks)
                    // Another worker of the fleet was faster: the same table.
                    : lookAgain(name, key, false, looks));
  }

  private LeaseStoreException denied(Throwable error, String name) {
    LeaseStoreException failure = Failures.of(error, "CreateTable", name);
    if (failure.reason() != Reason.ACCESS_DENIED) {
      return failure;
    }
    return new LeaseStoreException(
        Reason.ACCESS_DENIED,
        "Table '"
            + name
            + "' does not exist, and dynamodb:CreateTable"
            + (settings.tags().isEmpty() ? "" : " with dynamodb:TagResource")
            + " on it is not permitted: allow that, or let an operator create the table (see"
            + " docs/iam.md)",
        Failures.unwrapped(error));
  }

  private CreateTableRequest definition(String name, String key) {
    CreateTableRequest.Builder request =
        CreateTableRequest.builder()
            .tableName(name)
            .keySchema(hash(key))
            .attributeDefinitions(text(key))
            .billingMode(BillingMode.PAY_PER_REQUEST)
            .deletionProtectionEnabled(settings.deletionProtection())
            .overrideConfiguration(requests.change());
    if (!settings.tags().isEmpty()) {
      request.tags(
          settings.tags().entrySet().stream()
              .map(tag -> Tag.builder().key(tag.getKey()).value(tag.getValue()).build())
              .toList());
    }
    return request.build();
  }

  private static void checkKey(TableDescription table, String key) {
    boolean fits =
        table.keySchema().equals(List.of(hash(key)))
            && table.attributeDefinitions().contains(text(key));
    if (!fits) {
      throw new LeaseStoreException(
          Reason.WRONG_KEY_SCHEMA,
          "Table '"
              + table.tableName()
              + "' has the key "
              + table.keySchema().stream()
                  .map(part -> part.attributeName() + " " + part.keyTypeAsString())
                  .toList()
              + ", and a table of Millrace needs the hash key "
              + key
              + " (S) alone: another application's table has this name, choose another one");
    }
  }

  private static boolean hasOwnerIndex(TableDescription table) {
    return table.globalSecondaryIndexes().stream()
        .anyMatch(index -> OWNER_INDEX.equals(index.indexName()));
  }

  /** Nothing here needs the index, a KCL that takes over does: nobody waits for it. */
  private CompletionStage<Object> addOwnerIndex(String name) {
    GlobalSecondaryIndexUpdate update =
        GlobalSecondaryIndexUpdate.builder()
            .create(
                index ->
                    index
                        .indexName(OWNER_INDEX)
                        .keySchema(hash(LEASE_OWNER), range(LEASE_KEY))
                        .projection(p -> p.projectionType(ProjectionType.KEYS_ONLY)))
            .build();
    return client
        .updateTable(
            b ->
                b.tableName(name)
                    .attributeDefinitions(text(LEASE_OWNER), text(LEASE_KEY))
                    .globalSecondaryIndexUpdates(update)
                    .overrideConfiguration(requests.change()))
        .<Object>thenApply(reply -> reply)
        .exceptionallyCompose(
            error ->
                Failures.unwrapped(error) instanceof ResourceInUseException
                    // Another worker of the fleet adds it.
                    ? CompletableFuture.completedFuture(error)
                    : CompletableFuture.failedFuture(Failures.of(error, "UpdateTable", name)));
  }

  /** The service refuses it for a short time after it has made a table. */
  private CompletionStage<Object> enableRecovery(String name, int attempt) {
    return client
        .updateContinuousBackups(
            b ->
                b.tableName(name)
                    .pointInTimeRecoverySpecification(p -> p.pointInTimeRecoveryEnabled(true))
                    .overrideConfiguration(requests.change()))
        .<Object>thenApply(reply -> reply)
        .exceptionallyCompose(
            error ->
                Failures.unwrapped(error) instanceof ContinuousBackupsUnavailableException
                        && attempt < MAX_LOOKS
                    ? pause
                        .apply(BETWEEN_LOOKS)
                        .thenCompose(done -> enableRecovery(name, attempt + 1))
                    : CompletableFuture.failedFuture(
                        Failures.of(error, "UpdateContinuousBackups", name)));
  }

  private static void inBackground(CompletionStage<Object> work, String warning) {
    work.whenComplete(
        (done, error) -> {
          if (error != null) {
            log.warn(warning, Failures.unwrapped(error));
          }
        });
  }

  private static KeySchemaElement hash(String attribute) {
    return KeySchemaElement.builder().attributeName(attribute).keyType(KeyType.HASH).build();
  }

  private static KeySchemaElement range(String attribute) {
    return KeySchemaElement.builder().attributeName(attribute).keyType(KeyType.RANGE).build();
  }

  private static AttributeDefinition text(String attribute) {
    return AttributeDefinition.builder()
        .attributeName(attribute)
        .attributeType(ScalarAttributeType.S)
        .build();
  }
}
