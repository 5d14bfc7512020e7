package io.millrace.interop;

import io.millrace.testkit.dynamodb.DynamoDbLocal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.kinesis.common.DdbTableConfig;
import software.amazon.kinesis.leases.Lease;
import software.amazon.kinesis.leases.dynamodb.DynamoDBLeaseRefresher;
import software.amazon.kinesis.leases.dynamodb.DynamoDBLeaseSerializer;
import software.amazon.kinesis.leases.dynamodb.TableCreatorCallback;
import software.amazon.kinesis.retrieval.kpl.ExtendedSequenceNumber;

/** A lease table on DynamoDB Local, made and written by the KCL's own lease code. */
final class LeaseTable implements AutoCloseable {
  static final String NAME = "orders";
  static final String SHARD = "shardId-000000000000";

  private final DynamoDbLocal server = DynamoDbLocal.start();
  private final DynamoDbAsyncClient client =
      DynamoDbAsyncClient.builder()
          .endpointOverride(server.endpoint())
          .region(Region.US_EAST_1)
          .credentialsProvider(
              StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")))
          .build();
  private final DynamoDBLeaseRefresher kcl =
      new DynamoDBLeaseRefresher(
          NAME,
          client,
          new DynamoDBLeaseSerializer(),
          true,
          TableCreatorCallback.NOOP_TABLE_CREATOR_CALLBACK,
          Duration.ofSeconds(90),
          new DdbTableConfig(),
          false,
          false,
          List.of());

  LeaseTable() throws Exception {
    kcl.createLeaseTableIfNotExists();
    if (!kcl.waitUntilLeaseTableExists(1, 90)) {
      throw new IllegalStateException("the KCL did not create its table");
    }
  }

  DynamoDbAsyncClient client() {
    return client;
  }

  DynamoDBLeaseRefresher kcl() {
    return kcl;
  }

  /** The KCL's view of the shard's lease. */
  Lease seenByKcl() throws Exception {
    return kcl.getLease(SHARD);
  }

  Map<String, AttributeValue> row() {
    return client.getItem(b -> b.tableName(NAME).key(key()).consistentRead(true)).join().item();
  }

  static Map<String, AttributeValue> key() {
    return Map.of("leaseKey", AttributeValue.fromS(SHARD));
  }

  void deleteRow() {
    client.deleteItem(b -> b.tableName(NAME).key(key())).join();
  }

  /** A lease as the KCL creates one. */
  static Lease fresh() {
    Lease lease = new Lease();
    lease.leaseKey(SHARD);
    lease.leaseCounter(0L);
    lease.ownerSwitchesSinceCheckpoint(0L);
    lease.checkpoint(ExtendedSequenceNumber.TRIM_HORIZON);
    return lease;
  }

  @Override
  public void close() {
    client.close();
    server.close();
  }
}
