package io.millrace.dynamodb;

import static io.millrace.dynamodb.Descriptions.attribute;
import static io.millrace.dynamodb.Descriptions.described;
import static io.millrace.dynamodb.Descriptions.part;
import static io.millrace.dynamodb.ServiceErrors.error;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.millrace.consumer.lease.LeaseStoreException;
import io.millrace.consumer.lease.LeaseStoreException.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.ContinuousBackupsUnavailableException;
import software.amazon.awssdk.services.dynamodb.model.CreateTableRequest;
import software.amazon.awssdk.services.dynamodb.model.CreateTableResponse;
import software.amazon.awssdk.services.dynamodb.model.DescribeTableResponse;
import software.amazon.awssdk.services.dynamodb.model.GlobalSecondaryIndexDescription;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ResourceInUseException;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.TableDescription;
import software.amazon.awssdk.services.dynamodb.model.TableStatus;
import software.amazon.awssdk.services.dynamodb.model.Tag;
import software.amazon.awssdk.services.dynamodb.model.UpdateContinuousBackupsRequest;
import software.amazon.awssdk.services.dynamodb.model.UpdateContinuousBackupsResponse;
import software.amazon.awssdk.services.dynamodb.model.UpdateTableRequest;
import software.amazon.awssdk.services.dynamodb.model.UpdateTableResponse;

class TableSetupTest {
  private final ScriptedDynamoDb client = new ScriptedDynamoDb();
  private final List<Duration> pauses = new ArrayList<>();
  private boolean mayCreate = true;

  @AfterEach
  void everyReplyWasAskedFor() {
    client.checkAllReplied();
  }

  private TableSetup.Found leaseTable(TableSettings settings) {
    return new TableSetup(
            client,
            settings,
            RequestSettings.of(Duration.ofSeconds(2)),
            pause -> {
              pauses.add(pause);
              return CompletableFuture.completedFuture(null);
            },
            mayCreate)
        .leaseTable("orders")
        .toCompletableFuture()
        .join();
  }

  private LeaseStoreException refused(TableSettings settings) {
    return (LeaseStoreException)
        catchThrowableOfType(CompletionException.class, () -> leaseTable(settings)).getCause();
  }

  private static TableDescription.Builder table(TableStatus status) {
    return Descriptions.table("orders", "leaseKey", status);
  }

  private static CreateTableResponse created(TableStatus status) {
    return CreateTableResponse.builder().tableDescription(table(status).build()).build();
  }

  private static Throwable missing() {
    return ServiceErrors.filled(
        ResourceNotFoundException.builder(), 400, "ResourceNotFoundException", "not found");
  }

  private static Throwable inUse() {
    return ServiceErrors.filled(
        ResourceInUseException.builder(), 400, "ResourceInUseException", "in use");
  }

  @Test
  void existingTableIsUsedAsItIs() {
    client.then(described(table(TableStatus.ACTIVE)));

    assertThat(leaseTable(TableSettings.DEFAULT.withPointInTimeRecovery(true)))
        .isEqualTo(
            new TableSetup.Found(
                Descriptions.CREATED_AT.toEpochMilli(), 77, false, Optional.empty()));
    assertThat(client.requests()).hasSize(1);
  }

  @Test
  void tableThatIsBeingChangedIsUsed() {
    client.then(described(table(TableStatus.UPDATING)));

    assertThat(leaseTable(TableSettings.DEFAULT).created()).isFalse();
  }

  @Test
  void missingTableIsCreatedOnDemandWithWhatWasAskedFor() {
    client.then(missing()).then(created(TableStatus.ACTIVE));

    TableSetup.Found found =
        leaseTable(
            TableSettings.DEFAULT.withDeletionProtection(true).withTags(Map.of("team", "orders")));

    assertThat(found.created()).isTrue();
    CreateTableRequest request = client.request(1, CreateTableRequest.class);
    assertThat(request.billingMode()).isEqualTo(BillingMode.PAY_PER_REQUEST);
    assertThat(request.deletionProtectionEnabled()).isTrue();
    assertThat(request.tags()).containsExactly(Tag.builder().key("team").value("orders").build());
    assertThat(request.hasGlobalSecondaryIndexes()).isFalse();
    assertThat(pauses).isEmpty();
  }

  @Test
  void createdTableIsWaitedForUntilItIsActive() {
    client
        .then(missing())
        .then(created(TableStatus.CREATING))
        .then(missing())
        .then(described(table(TableStatus.CREATING)))
        .then(described(table(TableStatus.ACTIVE)));

    assertThat(leaseTable(TableSettings.DEFAULT).created()).isTrue();
    assertThat(pauses).hasSize(3);
  }

  @Test
  void tableThatAPeerCreatesAtTheSameTimeIsUsed() {
    client.then(missing()).then(inUse()).then(described(table(TableStatus.ACTIVE)));

    assertThat(leaseTable(TableSettings.DEFAULT).created()).isFalse();
  }

  @Test
  void tableThatNeverBecomesActiveIsGivenUp() {
    for (int look = 0; look < TableSetup.MAX_LOOKS; look++) {
      client.then(described(table(TableStatus.CREATING)));
    }

    LeaseStoreException failure = refused(TableSettings.DEFAULT);

    assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
    assertThat(failure).hasMessageContaining("orders");
  }

  @Test
  void whoOnlyLooksCreatesNothing() {
    mayCreate = false;
    client.then(missing());

    LeaseStoreException failure = refused(TableSettings.DEFAULT);

    assertThat(failure.reason()).isEqualTo(Reason.TABLE_MISSING);
    assertThat(failure).hasMessageContaining("orders").hasMessageContaining("no worker");
    assertThat(client.requests()).hasSize(1);
  }

  @Test
  void tableTellsTheTimeOfTheService() {
    client.then(
        (DescribeTableResponse)
            described(table(TableStatus.ACTIVE)).toBuilder()
                .sdkHttpResponse(
                    SdkHttpResponse.builder()
                        .statusCode(200)
                        .putHeader("Date", "Sat, 28 Nov 2026 15:30:46 GMT")
                        .build())
                .build());

    assertThat(leaseTable(TableSettings.DEFAULT).serviceTime())
        .contains(Instant.parse("2026-11-28T15:30:46Z"));
  }

  @Test
  void missingTableOfAnOperatorIsNotCreated() {
    client.then(missing());

    LeaseStoreException failure = refused(TableSettings.DEFAULT.withCreate(false));

    assertThat(failure.reason()).isEqualTo(Reason.TABLE_MISSING);
    assertThat(failure)
        .hasMessageContaining("createTables")
        .hasMessageContaining("leaseKey (S)")
        .hasMessageContaining("region");
  }

  @Test
  void missingPermissionToCreateIsNamed() {
    client.then(missing()).then(error(400, "AccessDeniedException"));

    LeaseStoreException failure = refused(TableSettings.DEFAULT.withTags(Map.of("a", "b")));

    assertThat(failure.reason()).isEqualTo(Reason.ACCESS_DENIED);
    assertThat(failure)
        .hasMessageContaining("dynamodb:CreateTable")
        .hasMessageContaining("dynamodb:TagResource");
  }

  @Test
  void missingPermissionToLookIsNamed() {
    client.then(error(400, "AccessDeniedException"));

    assertThat(refused(TableSettings.DEFAULT))
        .hasMessageContaining("dynamodb:DescribeTable")
        .hasMessageContaining("orders");
  }

  @Test
  void tableWithAnotherKeyIsRefused() {
    client
        .then(
            described(
                table(TableStatus.ACTIVE)
                    .keySchema(
                        List.of(part("leaseKey", KeyType.HASH), part("range", KeyType.RANGE)))))
        .then(described(table(TableStatus.ACTIVE).keySchema(List.of(part("id", KeyType.HASH)))))
        .then(
            described(
                table(TableStatus.ACTIVE)
                    .attributeDefinitions(List.of(attribute("leaseKey", ScalarAttributeType.N)))));

    for (int i = 0; i < 3; i++) {
      LeaseStoreException failure = refused(TableSettings.DEFAULT);
      assertThat(failure.reason()).isEqualTo(Reason.WRONG_KEY_SCHEMA);
      assertThat(failure).hasMessageContaining("orders").hasMessageContaining("leaseKey (S)");
    }
  }

  @Test
  void tableThatIsBeingDeletedIsRefused() {
    client.then(described(table(TableStatus.DELETING)));

    LeaseStoreException failure = refused(TableSettings.DEFAULT);

    assertThat(failure.reason()).isEqualTo(Reason.TABLE_MISSING);
    assertThat(failure).hasMessageContaining("DELETING");
  }

  @Test
  void recoveryIsEnabledOnceTheServiceIsReadyForIt() {
    client
        .then(missing())
        .then(created(TableStatus.ACTIVE))
        .then(
            ServiceErrors.filled(
                ContinuousBackupsUnavailableException.builder(),
                400,
                "ContinuousBackupsUnavailableException",
                "later"))
        .then(UpdateContinuousBackupsResponse.builder().build());

    leaseTable(TableSettings.DEFAULT.withPointInTimeRecovery(true));

    assertThat(
            client
                .request(3, UpdateContinuousBackupsRequest.class)
                .pointInTimeRecoverySpecification()
                .pointInTimeRecoveryEnabled())
        .isTrue();
  }

  @Test
  void recoveryThatIsRefusedStopsNothing() {
    client
        .then(missing())
        .then(created(TableStatus.ACTIVE))
        .then(error(400, "UnknownOperationException"));

    assertThat(leaseTable(TableSettings.DEFAULT.withPointInTimeRecovery(true)).created()).isTrue();
  }

  @Test
  void indexOfOwnersIsAddedOnRequestAndNotWaitedFor() {
    client.then(described(table(TableStatus.ACTIVE))).then(UpdateTableResponse.builder().build());

    leaseTable(TableSettings.DEFAULT.withOwnerIndex(true));

    UpdateTableRequest request = client.request(1, UpdateTableRequest.class);
    assertThat(request.globalSecondaryIndexUpdates().get(0).create().indexName())
        .isEqualTo("LeaseOwnerToLeaseKeyIndex");
  }

  @Test
  void indexOfOwnersThatIsThereIsLeftAlone() {
    client.then(
        described(
            table(TableStatus.ACTIVE)
                .globalSecondaryIndexes(
                    List.of(
                        GlobalSecondaryIndexDescription.builder()
                            .indexName("LeaseOwnerToLeaseKeyIndex")
                            .build()))));

    leaseTable(TableSettings.DEFAULT.withOwnerIndex(true));
  }

  @Test
  void indexOfOwnersThatIsRefusedStopsNothing() {
    client.then(described(table(TableStatus.ACTIVE))).then(error(400, "AccessDeniedException"));

    assertThat(leaseTable(TableSettings.DEFAULT.withOwnerIndex(true)).created()).isFalse();
  }
}
