package io.millrace.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
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
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.kinesis.common.HashKeyRangeForLease;
import software.amazon.kinesis.leases.Lease;
import software.amazon.kinesis.leases.UpdateField;
import software.amazon.kinesis.leases.dynamodb.DynamoDBLeaseRefresher;
import software.amazon.kinesis.retrieval.kpl.ExtendedSequenceNumber;

/** The KCL's own lease code, on rows that carry attributes which it does not know. */
class KclKeepsUnknownAttributesTest {
  private static final String KEY = LeaseTable.SHARD;

  private static final Map<String, AttributeValue> FOREIGN =
      Map.of(
          "millraceWriteId", AttributeValue.fromS("5f1c9a2b-17"),
          "millraceOwnerEpoch", AttributeValue.fromN("9223372036854775807"),
          "millraceParked", AttributeValue.fromM(Map.of("reason", AttributeValue.fromS("poison"))),
          "millraceStartTimestamp", AttributeValue.fromN("1795000000123"),
          "someSet", AttributeValue.fromSs(List.of("a", "b")),
          "someBytes", AttributeValue.fromB(SdkBytes.fromUtf8String("bytes")),
          "someFlag", AttributeValue.fromBool(true));

  private static LeaseTable table;
  private static DynamoDBLeaseRefresher kcl;

  @BeforeAll
  static void makeTable() throws Exception {
    table = new LeaseTable();
    kcl = table.kcl();
  }

  @AfterAll
  static void dropTable() {
    table.close();
  }

  @BeforeEach
  void createRow() throws Exception {
    table.deleteRow();
    assertThat(kcl.createLeaseIfNotExists(LeaseTable.fresh())).isTrue();
    List<String> sets = new ArrayList<>();
    Map<String, AttributeValue> values = new HashMap<>();
    FOREIGN.forEach(
        (name, value) -> {
          sets.add(name + " = :" + name);
          values.put(":" + name, value);
        });
    table
        .client()
        .updateItem(
            b ->
                b.tableName(LeaseTable.NAME)
                    .key(LeaseTable.key())
                    .updateExpression("SET " + String.join(", ", sets))
                    .expressionAttributeValues(values))
        .join();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("writes")
  void attributesSurvive(String name, KclWrite write) throws Exception {
    Map<String, AttributeValue> before = table.row();

    assertThat(write.run(kcl, kcl.getLease(KEY))).as("the write was applied").isTrue();

    assertThat(table.row()).as("the write changed something").isNotEqualTo(before);
    assertThat(table.row()).containsAllEntriesOf(FOREIGN);
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
    Map<String, AttributeValue> before = table.row();
    assertThat(kcl.createLeaseIfNotExists(LeaseTable.fresh())).isFalse();
    assertThat(table.row()).isEqualTo(before);
  }

  @Test
  void deleteRemovesTheRowWhateverItsCounter() throws Exception {
    Lease stale = kcl.getLease(KEY);
    kcl.takeLease(kcl.getLease(KEY), "a");
    kcl.deleteLease(stale);
    assertThat(table.row()).isEmpty();
  }

  @Test
  void rowsAreReadAsLeasesInSpiteOfUnknownAttributes() throws Exception {
    assertThat(kcl.listLeases()).extracting(Lease::leaseKey).containsExactly(KEY);
  }

  private static boolean handoff(DynamoDBLeaseRefresher kcl, Lease lease) throws Exception {
    return kcl.takeLease(lease, "a") && kcl.initiateGracefulLeaseHandoff(kcl.getLease(KEY), "b");
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
