package io.millrace.dynamodb;

import io.millrace.consumer.lease.LeaseStoreException;
import io.millrace.consumer.lease.WriteOutcome;
import io.millrace.consumer.lease.WriteOutcome.Applied;
import io.millrace.consumer.lease.WriteOutcome.Conflict;
import io.millrace.dynamodb.internal.row.Condition;
import io.millrace.dynamodb.internal.row.RowWrite;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.DeleteItemRequest;
import software.amazon.awssdk.services.dynamodb.model.GetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.ReturnValue;
import software.amazon.awssdk.services.dynamodb.model.ReturnValuesOnConditionCheckFailure;
import software.amazon.awssdk.services.dynamodb.model.ScanRequest;
import software.amazon.awssdk.services.dynamodb.model.ScanResponse;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;

/**
 * The rows of one kind in one table: conditional writes, each sent once, and reads. The only place
 * that sends requests for rows. Thread-safe.
 *
 * @param <R> what a row is read as
 */
final class RowTable<R> {
  private final DynamoDbAsyncClient client;
  private final String table;
  private final String keyAttribute;
  private final RequestSettings settings;
  private final Function<Map<String, AttributeValue>, Optional<R>> decoder;

  /**
   * Creates the view of a table.
   *
   * @param decoder reads an item; empty for an item of another kind; throws {@link
   *     LeaseStoreException} for a malformed one
   */
  RowTable(
      DynamoDbAsyncClient client,
      String table,
      String keyAttribute,
      RequestSettings settings,
      Function<Map<String, AttributeValue>, Optional<R>> decoder) {
    this.client = client;
    this.table = table;
    this.keyAttribute = keyAttribute;
    this.settings = settings;
    this.decoder = decoder;
  }

  /** Sends a write once. The stage never fails: what went wrong is an outcome. */
  CompletionStage<WriteOutcome<R>> write(RowWrite write) {
    if (write instanceof RowWrite.Create create) {
      return outcome(
          "PutItem",
          keyOf(create.item()),
          () -> client.putItem(request(create)).thenApply(reply -> create.item()));
    }
    if (write instanceof RowWrite.Update update) {
      return outcome(
          "UpdateItem",
          update.key(),
          () -> client.updateItem(request(update)).thenApply(reply -> reply.attributes()));
    }
    RowWrite.Delete delete = (RowWrite.Delete) write;
    return outcome(
        "DeleteItem",
        delete.key(),
        () -> client.deleteItem(request(delete)).thenApply(reply -> reply.attributes()));
  }

  /** Reads a row consistently; empty if there is none, or one of another kind. */
  CompletionStage<Optional<R>> read(String key) {
    return readItem(key).thenApply(item -> item.isEmpty() ? Optional.empty() : decoder.apply(item));
  }

  /** Reads an item consistently; an empty map if there is none. */
  CompletionStage<Map<String, AttributeValue>> readItem(String key) {
    GetItemRequest request =
        GetItemRequest.builder()
            .tableName(table)
            .key(key(key))
            .consistentRead(true)
            .overrideConfiguration(settings.read())
            .build();
    return failingWith("GetItem", () -> client.getItem(request).thenApply(reply -> reply.item()));
  }

  /**
   * Reads one page.
   *
   * @param segment which part of the table, counted from 0
   * @param segments into how many parts the scan is divided
   * @param after the last key of the page before; null for the first page
   */
  CompletionStage<ScanResponse> scan(
      boolean consistent, int segment, int segments, @Nullable String after) {
    ScanRequest.Builder request =
        ScanRequest.builder()
            .tableName(table)
            .consistentRead(consistent)
            .overrideConfiguration(settings.read());
    if (segments > 1) {
      request.segment(segment).totalSegments(segments);
    }
    if (after != null) {
      request.exclusiveStartKey(key(after));
    }
    return failingWith("Scan", () -> client.scan(request.build()));
  }

  /** The key under which the scan's next page begins; null after the last page. */
  @Nullable String lastKey(ScanResponse page) {
    return page.hasLastEvaluatedKey() && !page.lastEvaluatedKey().isEmpty()
        ? keyOf(page.lastEvaluatedKey())
        : null;
  }

  private CompletionStage<WriteOutcome<R>> outcome(
      String action, String key, Supplier<CompletableFuture<Map<String, AttributeValue>>> request) {
    return started(request)
        .thenApply(this::applied)
        .exceptionallyCompose(error -> notApplied(action, key, Failures.unwrapped(error)));
  }

  /** Deliberate: a row that was written and can't be read back is in doubt, not refused. */
  private WriteOutcome<R> applied(Map<String, AttributeValue> item) {
    try {
      Optional<R> row = decoder.apply(item);
      return row.isPresent()
          ? new Applied<>(row.get())
          : new WriteOutcome.Unknown<>(
              new LeaseStoreException(
                  LeaseStoreException.Reason.MALFORMED_ROW,
                  "a row of table '" + table + "' was written and is of another kind"));
    } catch (LeaseStoreException malformed) {
      return new WriteOutcome.Unknown<>(malformed);
    }
  }

  private CompletableFuture<WriteOutcome<R>> notApplied(
      String action, String key, Throwable error) {
    if (!(error instanceof ConditionalCheckFailedException conflict)) {
      return CompletableFuture.completedFuture(failed(Failures.of(error, action, table), error));
    }
    if (conflict.hasItem() && !conflict.item().isEmpty()) {
      return CompletableFuture.completedFuture(conflict(conflict.item()));
    }
    // No item: there is no row, or the endpoint does not show it.
    return readItem(key)
        .handle(
            (item, readError) ->
                readError == null
                    ? conflict(item)
                    : failed(
                        Failures.of(readError, "GetItem", table), Failures.unwrapped(readError)))
        .toCompletableFuture();
  }

  private WriteOutcome<R> conflict(Map<String, AttributeValue> item) {
    if (item.isEmpty()) {
      return new Conflict<>(Optional.empty());
    }
    try {
      Optional<R> row = decoder.apply(item);
      return row.isPresent()
          ? new Conflict<>(row)
          : new WriteOutcome.Refused<>(
              new LeaseStoreException(
                  LeaseStoreException.Reason.MALFORMED_ROW,
                  "row '" + keyOf(item) + "' of table '" + table + "' belongs to other software"));
    } catch (LeaseStoreException malformed) {
      return new WriteOutcome.Refused<>(malformed);
    }
  }

  private WriteOutcome<R> failed(LeaseStoreException failure, Throwable error) {
    return switch (failure.reason()) {
      case THROTTLED -> new WriteOutcome.Throttled<>();
      case UNAVAILABLE -> new WriteOutcome.Unknown<>(error);
      case NO_CREDENTIALS,
          ACCESS_DENIED,
          TABLE_MISSING,
          WRONG_KEY_SCHEMA,
          OTHER_APPLICATION,
          UNKNOWN_KCL_MODE,
          MALFORMED_ROW,
          CLOSED ->
          new WriteOutcome.Refused<>(failure);
      case DEFECT ->
          // Only an answer of the service proves that nothing was written.
          error instanceof AwsServiceException
              ? new WriteOutcome.Refused<>(failure)
              : new WriteOutcome.Unknown<>(error);
    };
  }

  private <T> CompletionStage<T> failingWith(
      String action, Supplier<CompletableFuture<T>> request) {
    return started(request)
        .exceptionallyCompose(
            error -> CompletableFuture.failedFuture(Failures.of(error, action, table)));
  }

  /** A client may also throw instead of failing its stage. */
  private static <T> CompletableFuture<T> started(Supplier<CompletableFuture<T>> request) {
    try {
      return request.get();
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private PutItemRequest request(RowWrite.Create create) {
    Condition condition = create.condition();
    PutItemRequest.Builder request =
        PutItemRequest.builder()
            .tableName(table)
            .item(create.item())
            .conditionExpression(condition.expression())
            .expressionAttributeNames(condition.names())
            .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD)
            .overrideConfiguration(settings.write());
    if (!condition.values().isEmpty()) {
      request.expressionAttributeValues(condition.values());
    }
    return request.build();
  }

  private UpdateItemRequest request(RowWrite.Update update) {
    Map<String, String> names = new HashMap<>(update.condition().names());
    names.putAll(update.changes().names());
    Map<String, AttributeValue> values = new HashMap<>(update.condition().values());
    values.putAll(update.changes().values());
    return UpdateItemRequest.builder()
        .tableName(table)
        .key(key(update.key()))
        .updateExpression(update.changes().expression())
        .conditionExpression(update.condition().expression())
        .expressionAttributeNames(names)
        .expressionAttributeValues(values)
        .returnValues(ReturnValue.ALL_NEW)
        .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD)
        .overrideConfiguration(settings.write())
        .build();
  }

  private DeleteItemRequest request(RowWrite.Delete delete) {
    Condition condition = delete.condition();
    return DeleteItemRequest.builder()
        .tableName(table)
        .key(key(delete.key()))
        .conditionExpression(condition.expression())
        .expressionAttributeNames(condition.names())
        .expressionAttributeValues(condition.values())
        .returnValues(ReturnValue.ALL_OLD)
        .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD)
        .overrideConfiguration(settings.write())
        .build();
  }

  private Map<String, AttributeValue> key(String key) {
    return Map.of(keyAttribute, AttributeValue.fromS(key));
  }

  /** An item's key; "?" where there is none. */
  String keyOf(Map<String, AttributeValue> item) {
    @Nullable AttributeValue key = item.get(keyAttribute);
    return key == null || key.s() == null ? "?" : key.s();
  }
}
