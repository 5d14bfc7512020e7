package io.millrace.dynamodb;

import static io.millrace.dynamodb.ServiceErrors.error;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millrace.consumer.lease.Checkpoint.Sentinel;
import io.millrace.consumer.lease.Holding;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.LeaseStoreException;
import io.millrace.consumer.lease.LeaseStoreException.Reason;
import io.millrace.consumer.lease.WriteId;
import io.millrace.consumer.lease.WriteOutcome;
import io.millrace.dynamodb.internal.row.LeaseCodec;
import io.millrace.dynamodb.internal.row.LeaseWrites;
import io.millrace.dynamodb.internal.row.RowWrite;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.DeleteItemRequest;
import software.amazon.awssdk.services.dynamodb.model.DeleteItemResponse;
import software.amazon.awssdk.services.dynamodb.model.GetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.GetItemResponse;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.PutItemResponse;
import software.amazon.awssdk.services.dynamodb.model.ReturnValue;
import software.amazon.awssdk.services.dynamodb.model.ReturnValuesOnConditionCheckFailure;
import software.amazon.awssdk.services.dynamodb.model.ScanRequest;
import software.amazon.awssdk.services.dynamodb.model.ScanResponse;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemResponse;

class RowTableTest {
  private static final WriteId ID = new WriteId("i", 1);
  private static final Map<String, AttributeValue> ITEM =
      Map.of(
          "leaseKey", AttributeValue.fromS("shard"),
          "leaseCounter", AttributeValue.fromN("5"),
          "checkpoint", AttributeValue.fromS("TRIM_HORIZON"),
          "leaseOwner", AttributeValue.fromS("alice"));
  private static final Lease LEASE = LeaseCodec.decode(ITEM).orElseThrow();
  private static final RowWrite RENEW = LeaseWrites.renew(Holding.of(LEASE, "alice"), 1, ID);
  private static final Map<String, AttributeValue> MALFORMED =
      Map.of(
          "leaseKey", AttributeValue.fromS("shard"), "leaseCounter", AttributeValue.fromS("five"));
  private static final Map<String, AttributeValue> FOREIGN =
      Map.of(
          "leaseKey", AttributeValue.fromS("shard"), "entityType", AttributeValue.fromS("LEADER"));

  private final ScriptedDynamoDb client = new ScriptedDynamoDb();
  private final RowTable<Lease> table =
      new RowTable<>(
          client,
          "orders",
          "leaseKey",
          RequestSettings.of(Duration.ofSeconds(2)),
          LeaseCodec::decode);

  @AfterEach
  void everyReplyWasAskedFor() {
    client.checkAllReplied();
  }

  private WriteOutcome<Lease> write(RowWrite write) {
    return table.write(write).toCompletableFuture().join();
  }

  private static ConditionalCheckFailedException conflict(Map<String, AttributeValue> item) {
    return (ConditionalCheckFailedException)
        ServiceErrors.filled(
            ConditionalCheckFailedException.builder().item(item),
            400,
            "ConditionalCheckFailedException",
            "The conditional request failed");
  }

  @Test
  void appliedUpdateShowsTheRowThatItLeft() {
    client.then(UpdateItemResponse.builder().attributes(ITEM).build());

    assertThat(write(RENEW)).isEqualTo(new WriteOutcome.Applied<>(LEASE));

    UpdateItemRequest request = client.request(0, UpdateItemRequest.class);
    assertThat(request.returnValues()).isEqualTo(ReturnValue.ALL_NEW);
    assertThat(request.returnValuesOnConditionCheckFailure())
        .isEqualTo(ReturnValuesOnConditionCheckFailure.ALL_OLD);
    assertThat(request.tableName()).isEqualTo("orders");
    assertThat(request.key()).isEqualTo(Map.of("leaseKey", AttributeValue.fromS("shard")));
    assertThat(request.conditionExpression()).contains("#leaseCounter = :knownCounter");
    assertThat(request.overrideConfiguration()).isPresent();
  }

  @Test
  void createPutsUnderAConditionAndShowsWhatItPut() {
    client.then(PutItemResponse.builder().build());
    Lease fresh = Lease.builder(LeaseKey.of("shard"), Sentinel.LATEST).build();

    assertThat(write(LeaseWrites.create(fresh, ID)))
        .isEqualTo(new WriteOutcome.Applied<>(fresh.toBuilder().writeId(ID).build()));

    PutItemRequest request = client.request(0, PutItemRequest.class);
    assertThat(request.conditionExpression()).isEqualTo("attribute_not_exists(#leaseKey)");
    assertThat(request.hasExpressionAttributeValues()).isFalse();
  }

  @Test
  void deleteShowsTheRowThatItDeleted() {
    client.then(DeleteItemResponse.builder().attributes(ITEM).build());

    assertThat(write(LeaseWrites.delete(LEASE))).isEqualTo(new WriteOutcome.Applied<>(LEASE));
    assertThat(client.request(0, DeleteItemRequest.class).returnValues())
        .isEqualTo(ReturnValue.ALL_OLD);
  }

  @Test
  void refusedConditionShowsTheRowWithoutAnotherRequest() {
    client.then(conflict(ITEM));

    assertThat(write(RENEW)).isEqualTo(new WriteOutcome.Conflict<>(Optional.of(LEASE)));
    assertThat(client.requests()).hasSize(1);
  }

  @Test
  void refusedConditionWithoutTheRowIsReadConsistently() {
    client.then(conflict(Map.of())).then(GetItemResponse.builder().item(ITEM).build());

    assertThat(write(RENEW)).isEqualTo(new WriteOutcome.Conflict<>(Optional.of(LEASE)));
    assertThat(client.request(1, GetItemRequest.class).consistentRead()).isTrue();
  }

  @Test
  void refusedConditionOnAMissingRowIsAConflictWithoutARow() {
    client.then(conflict(Map.of())).then(GetItemResponse.builder().build());

    assertThat(write(RENEW)).isEqualTo(new WriteOutcome.Conflict<>(Optional.empty()));
  }

  @Test
  void refusedConditionWhoseReadFailsIsNeverAMissingRow() {
    client
        .then(conflict(Map.of()))
        .then(error(400, "ThrottlingException"))
        .then(conflict(Map.of()))
        .then(error(500, "InternalServerError"))
        .then(conflict(Map.of()))
        .then(error(400, "AccessDeniedException"));

    assertThat(write(RENEW)).isInstanceOf(WriteOutcome.Throttled.class);
    assertThat(write(RENEW)).isInstanceOf(WriteOutcome.Unknown.class);
    assertThat(write(RENEW)).isInstanceOf(WriteOutcome.Refused.class);
  }

  @Test
  void throttledWriteIsThrottled() {
    client.then(error(400, "ProvisionedThroughputExceededException"));

    assertThat(write(RENEW)).isEqualTo(new WriteOutcome.Throttled<>());
  }

  @Test
  void writeWithoutAnAnswerIsUnknown() {
    List<Throwable> noAnswer =
        List.of(
            error(500, "InternalServerError"),
            error(503, "ServiceUnavailable"),
            ApiCallTimeoutException.create(2_000),
            SdkClientException.create("Unable to execute HTTP request: connection reset"),
            new CancellationException(),
            new IllegalStateException("the pool is shut down"));
    for (Throwable failure : noAnswer) {
      client.then(failure);
      WriteOutcome<Lease> outcome = write(RENEW);
      assertThat(outcome).isEqualTo(new WriteOutcome.Unknown<>(failure));
    }
  }

  @Test
  void writeThatTheServiceRefusesForGoodSaysWhy() {
    client.then(error(400, "AccessDeniedException")).then(error(400, "ValidationException"));

    assertThat(((WriteOutcome.Refused<Lease>) write(RENEW)).cause().reason())
        .isEqualTo(Reason.ACCESS_DENIED);
    assertThat(((WriteOutcome.Refused<Lease>) write(RENEW)).cause().reason())
        .isEqualTo(Reason.DEFECT);
  }

  @Test
  void writtenRowThatCanNotBeReadIsInDoubtNotRefused() {
    client
        .then(UpdateItemResponse.builder().attributes(MALFORMED).build())
        .then(UpdateItemResponse.builder().attributes(FOREIGN).build());

    assertThat(write(RENEW)).isInstanceOf(WriteOutcome.Unknown.class);
    assertThat(write(RENEW)).isInstanceOf(WriteOutcome.Unknown.class);
  }

  @Test
  void conflictWithARowThatIsNotOursIsRefusedForGood() {
    client.then(conflict(MALFORMED)).then(conflict(FOREIGN));

    for (int i = 0; i < 2; i++) {
      assertThat(((WriteOutcome.Refused<Lease>) write(RENEW)).cause().reason())
          .isEqualTo(Reason.MALFORMED_ROW);
    }
  }

  @Test
  void readIsConsistentAndToleratesAbsence() {
    client
        .then(GetItemResponse.builder().item(ITEM).build())
        .then(GetItemResponse.builder().build())
        .then(GetItemResponse.builder().item(FOREIGN).build());

    assertThat(table.read("shard").toCompletableFuture().join()).contains(LEASE);
    assertThat(table.read("shard").toCompletableFuture().join()).isEmpty();
    assertThat(table.read("shard").toCompletableFuture().join()).isEmpty();
    assertThat(client.request(0, GetItemRequest.class).consistentRead()).isTrue();
  }

  @Test
  void failedReadSaysWhatToDo() {
    client.then(error(400, "AccessDeniedException"));

    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(() -> table.read("shard").toCompletableFuture().join())
        .withCauseInstanceOf(LeaseStoreException.class)
        .withMessageContaining("dynamodb:GetItem")
        .withMessageContaining("orders");
  }

  @Test
  void scanOfOnePartNamesNoSegments() {
    client
        .then(ScanResponse.builder().items(List.of(ITEM)).build())
        .then(ScanResponse.builder().build());

    table.scan(true, 0, 1, null).toCompletableFuture().join();
    table.scan(false, 2, 4, "after").toCompletableFuture().join();

    ScanRequest whole = client.request(0, ScanRequest.class);
    assertThat(whole.segment()).isNull();
    assertThat(whole.totalSegments()).isNull();
    assertThat(whole.consistentRead()).isTrue();
    ScanRequest part = client.request(1, ScanRequest.class);
    assertThat(part.segment()).isEqualTo(2);
    assertThat(part.totalSegments()).isEqualTo(4);
    assertThat(part.consistentRead()).isFalse();
    assertThat(part.exclusiveStartKey())
        .isEqualTo(Map.of("leaseKey", AttributeValue.fromS("after")));
  }
}
