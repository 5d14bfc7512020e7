package io.millrace.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.testkit.dynamodb.DynamoDbLocal;
import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.kinesis.common.DdbTableConfig;
import software.amazon.kinesis.common.HashKeyRangeForLease;
import software.amazon.kinesis.leases.Lease;
import software.amazon.kinesis.leases.UpdateField;
import software.amazon.kinesis.leases.dynamodb.DynamoDBLeaseRefresher;
import software.amazon.kinesis.leases.dynamodb.DynamoDBLeaseSerializer;
import software.amazon.kinesis.leases.dynamodb.TableCreatorCallback;
import software.amazon.kinesis.retrieval.kpl.ExtendedSequenceNumber;

/** The KCL's own lease code, on rows that carry attributes which it does not know. */
class KclKeepsUnknownAttributesTest {
  private static final String TABLE = "orders";
  private static final String KEY = "shardId-000000000000";

  private static final Map<String, AttributeValue> FOREIGN =
      Map.of(
          "millraceWriteId", AttributeValue.fromS("5f1c9a2b-17"),
          "millraceOwnerEpoch", AttributeValue.fromN("9223372036854775807"),
          "millraceParked", AttributeValue.fromM(Map.of("reason", AttributeValue.fromS("poison"))),
          "millraceStartTimestamp", AttributeValue.fromN("1795000000123"),
          "someSet", AttributeValue.fromSs(List.of("a", "b")),
          "someBytes", AttributeValue.fromB(SdkBytes.fromUtf8String("bytes")),
          "someFlag", AttributeValue.fromBool(true));

  private static DynamoDbLocal server;
  private static DynamoDbAsyncClient client;
  private static DynamoDBLeaseRefresher kcl;

  @BeforeAll
  static void startServer() throws Exception {
    server = DynamoDbLocal.start();
    client =
        DynamoDbAsyncClient.builder()
            .endpointOverride(server.endpoint())
            .region(Region.US_EAST_1)
            .credentialsProvider(
                StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")))
            .build();
    kcl =
        new DynamoDBLeaseRefresher(
            TABLE,
            client,
            new DynamoDBLeaseSerializer(),
            true,
            TableCreatorCallback.NOOP_TABLE_CREATOR_CALLBACK,
            Duration.ofSeconds(30),
            new DdbTableConfig(),
            false,
            false,
            List.of());
    kcl.createLeaseTableIfNotExists();
    assertThat(kcl.waitUntilLeaseTableExists(1, 30)).isTrue();
  }

  @AfterAll
  static void stopServer() {
    client.close();
    server.close();
  }

  @BeforeEach
  void createRow() throws Exception {
    client.deleteItem(b -> b.tableName(TABLE).key(key())).join();
    assertThat(kcl.createLeaseIfNotExists(fresh())).isTrue();
    StringBuilder set = new StringBuilder("SET ");
    Map<String, AttributeValue> values = new java.util.HashMap<>();
    int n = 0;
    for (var attribute : FOREIGN.entrySet()) {
      set.append(n == 0 ? "" : ", ").append(attribute.getKey()).append(" = :v").append(n);
      values.put(":v" + n++, attribute.getValue());
    }
    client
        .updateItem(
            b ->
                b.tableName(TABLE)
                    .key(key())
                    .updateExpression(set.toString())
                    .expressionAttributeValues(values))
        .join();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("writes")
  void attributesSurvive(String name, KclWrite write) throws Exception {
    Map<String, AttributeValue> before = row();

    assertThat(write.run(kcl, kcl.getLease(KEY))).as("the write was applied").isTrue();

    assertThat(row()).as("the write changed something").isNotEqualTo(before);
    assertThat(row()).containsAllEntriesOf(FOREIGN);
  }

  static Stream<Arguments> writes() {
    return Stream.of(
        write("renewLease", DynamoDBLeaseRefresher::renewLease),
        write("takeLease", (kcl, lease) -> kcl.takeLease(lease, "b")),
        write("assignLease", (kcl, lease) -> kcl.assignLease(lease, "b")),
        write("initiateGracefulLeaseHandoff", KclKeepsUnknownAttributesTest::handoff),
        write(
            "assignLease at the end of a handoff",
            (kcl, lease) -> handoff(kcl, lease) && kcl.assignLease(kcl.getLease(KEY), "b")),
        write(
            "evictLease",
            (kcl, lease) -> kcl.takeLease(lease, "a") && kcl.evictLease(kcl.getLease(KEY))),
        write(
            "updateLease with a checkpoint",
            (kcl, lease) -> {
              lease.checkpoint(new ExtendedSequenceNumber("4957", 3L));
              return kcl.updateLease(lease);
            }),
        write(
            "updateLease with a pending checkpoint",
            (kcl, lease) -> {
              lease.pendingCheckpoint(new ExtendedSequenceNumber("4958", 0L));
              lease.pendingCheckpointState(new byte[] {1, 2});
              return kcl.updateLease(lease);
            }),
        write(
            "updateLease at shard end",
            (kcl, lease) -> {
              lease.checkpoint(ExtendedSequenceNumber.SHARD_END);
              lease.childShardIds(Set.of("shardId-000000000001", "shardId-000000000002"));
              return kcl.updateLease(lease);
            }),
        write(
            "updateLeaseWithMetaInfo child shards",
            (kcl, lease) -> {
              lease.childShardIds(Set.of("shardId-000000000001"));
              kcl.updateLeaseWithMetaInfo(lease, UpdateField.CHILD_SHARDS);
              return true;
            }),
        write(
            "updateLeaseWithMetaInfo hash range",
            (kcl, lease) -> {
              lease.hashKeyRange(new HashKeyRangeForLease(BigInteger.ZERO, BigInteger.TEN));
              kcl.updateLeaseWithMetaInfo(lease, UpdateField.HASH_KEY_RANGE);
              return true;
            }));
  }

  @Test
  void createLeavesAnExistingRowAlone() throws Exception {
    Map<String, AttributeValue> before = row();
    assertThat(kcl.createLeaseIfNotExists(fresh())).isFalse();
    assertThat(row()).isEqualTo(before);
  }

  @Test
  void deleteRemovesTheRowWhateverItsCounter() throws Exception {
    Lease stale = kcl.getLease(KEY);
    kcl.takeLease(kcl.getLease(KEY), "a");
    kcl.deleteLease(stale);
    assertThat(row()).isEmpty();
  }

  @Test
  void rowsAreReadAsLeasesInSpiteOfUnknownAttributes() throws Exception {
    assertThat(kcl.listLeases()).extracting(Lease::leaseKey).containsExactly(KEY);
  }

  private static boolean handoff(DynamoDBLeaseRefresher kcl, Lease lease) throws Exception {
    return kcl.takeLease(lease, "a") && kcl.initiateGracefulLeaseHandoff(kcl.getLease(KEY), "b");
  }

  private static Lease fresh() {
    Lease lease = new Lease();
    lease.leaseKey(KEY);
    lease.leaseCounter(0L);
    lease.ownerSwitchesSinceCheckpoint(0L);
    lease.checkpoint(ExtendedSequenceNumber.TRIM_HORIZON);
    return lease;
  }

  private static Map<String, AttributeValue> key() {
    return Map.of("leaseKey", AttributeValue.fromS(KEY));
  }

  private static Map<String, AttributeValue> row() {
    return client.getItem(b -> b.tableName(TABLE).key(key()).consistentRead(true)).join().item();
  }

  private static Arguments write(String name, KclWrite write) {
    return Arguments.of(name, write);
  }

  /** True when the KCL says that it was applied. */
  @FunctionalInterface
  interface KclWrite {
    boolean run(DynamoDBLeaseRefresher kcl, Lease lease) throws Exception;
  }
}
