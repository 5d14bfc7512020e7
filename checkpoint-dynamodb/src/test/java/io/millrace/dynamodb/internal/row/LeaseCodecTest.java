package io.millrace.dynamodb.internal.row;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millrace.consumer.lease.Checkpoint;
import io.millrace.consumer.lease.Checkpoint.Sentinel;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.LeaseStoreException;
import io.millrace.consumer.lease.LeaseStoreException.Reason;
import io.millrace.consumer.lease.Parked;
import io.millrace.consumer.lease.PendingCheckpoint;
import io.millrace.consumer.lease.StreamIdentity;
import io.millrace.consumer.lease.WriteId;
import io.millrace.model.HashRange;
import io.millrace.model.Position;
import io.millrace.model.SequenceNumber;
import io.millrace.model.ShardId;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

class LeaseCodecTest {
  static final String SHARD = "shardId-000000000002";
  static final String SEQUENCE = "49590338271490256608559692538361571095921575989136588898";

  /** A row as a KCL 3.5 keeps it, in the middle of everything. */
  static Map<String, AttributeValue> kclRow() {
    Map<String, AttributeValue> row = new HashMap<>();
    row.put("leaseKey", s(SHARD));
    row.put("entityType", s("LEASE"));
    row.put("leaseOwner", s("worker-2"));
    row.put("checkpointOwner", s("worker-1"));
    row.put("leaseCounter", n("417"));
    row.put("ownerSwitchesSinceCheckpoint", n("3"));
    row.put("checkpoint", s(SEQUENCE));
    row.put("checkpointSubSequenceNumber", n("12"));
    row.put("pendingCheckpoint", s("49590338271490256608559692538361571095921575989136588999"));
    row.put("pendingCheckpointSubSequenceNumber", n("0"));
    row.put("pendingCheckpointState", AttributeValue.fromB(SdkBytes.fromUtf8String("state")));
    row.put("parentShardId", AttributeValue.fromSs(List.of("shardId-0", "shardId-1")));
    row.put("childShardIds", AttributeValue.fromSs(List.of("shardId-3")));
    row.put("startingHashKey", s("0"));
    row.put("endingHashKey", s("340282366920938463463374607431768211455"));
    row.put("throughputKBps", n("1.25"));
    return row;
  }

  /** A lease with every attribute that there is. */
  static Lease everything() {
    return Lease.builder(LeaseKey.parse("123456789012:clicks:1700000000:" + SHARD), at(SEQUENCE, 7))
        .counter(Long.MAX_VALUE)
        .owner("bob")
        .checkpointOwner("alice")
        .ownerEpoch(7)
        .claimEpoch(9)
        .claimId(new WriteId("b0b", 4))
        .ownerSwitchesSinceCheckpoint(2)
        .pending(new PendingCheckpoint(at("5", 1), new byte[] {0, 1, -1}))
        .parents(Set.of(new ShardId("shardId-0"), new ShardId("shardId-1")))
        .children(Set.of(new ShardId("shardId-3")))
        .hashRange(HashRange.FULL)
        .throughputKBps(1.25)
        .startTimestamp(Instant.ofEpochMilli(1_700_000_000_123L))
        .lastArrival(Instant.ofEpochMilli(1_700_000_000_456L))
        .parked(new Parked("java.io.IOException", Instant.ofEpochMilli(1_700_000_000_789L), 4))
        .stream(
            new StreamIdentity(
                "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks",
                Instant.ofEpochSecond(1_700_000_000)))
        .writeId(new WriteId("a11ce", 17))
        .build();
  }

  @Test
  void leaseIsReadBackAsItWasWritten() {
    assertThat(LeaseCodec.decode(LeaseCodec.encode(everything()))).contains(everything());
  }

  @Test
  void leaseWithoutAnythingOptionalHasOnlyWhatTheKclRequires() {
    Lease bare = Lease.builder(LeaseKey.of(SHARD), Sentinel.TRIM_HORIZON).build();

    Map<String, AttributeValue> item = LeaseCodec.encode(bare);

    assertThat(item)
        .isEqualTo(
            Map.of(
                "leaseKey", s(SHARD),
                "entityType", s("LEASE"),
                "leaseCounter", n("0"),
                "ownerSwitchesSinceCheckpoint", n("0"),
                "checkpoint", s("TRIM_HORIZON"),
                "checkpointSubSequenceNumber", n("0")));
    assertThat(LeaseCodec.decode(item)).contains(bare);
  }

  @Test
  void attributesHaveTheKclsTypesAndOurPrefix() {
    Map<String, AttributeValue> item = LeaseCodec.encode(everything());

    assertThat(item.get("streamName")).isEqualTo(s("123456789012:clicks:1700000000"));
    assertThat(item.get("shardId")).isEqualTo(s(SHARD));
    assertThat(item.get("pendingCheckpointState").b().asByteArray()).containsExactly(0, 1, -1);
    assertThat(item.get("parentShardId").ss()).containsExactly("shardId-0", "shardId-1");
    assertThat(item.get("throughputKBps")).isEqualTo(n("1.25"));
    assertThat(item.get("leaseCounter")).isEqualTo(n("9223372036854775807"));
    assertThat(item.keySet().stream().filter(name -> name.startsWith("millrace")))
        .containsExactlyInAnyOrder(
            "millraceWriteId",
            "millraceOwnerEpoch",
            "millraceClaimEpoch",
            "millraceClaimId",
            "millraceStartTimestamp",
            "millraceLastArrival",
            "millraceParked",
            "millraceStream");
  }

  @Test
  void rowOfTheKclIsRead() {
    Lease lease = LeaseCodec.decode(kclRow()).orElseThrow();

    assertThat(lease)
        .isEqualTo(
            Lease.builder(LeaseKey.of(SHARD), at(SEQUENCE, 12))
                .counter(417)
                .owner("worker-2")
                .checkpointOwner("worker-1")
                .ownerSwitchesSinceCheckpoint(3)
                .pending(
                    new PendingCheckpoint(
                        at("49590338271490256608559692538361571095921575989136588999", 0),
                        "state".getBytes(StandardCharsets.UTF_8)))
                .parents(Set.of(new ShardId("shardId-0"), new ShardId("shardId-1")))
                .children(Set.of(new ShardId("shardId-3")))
                .hashRange(HashRange.FULL)
                .throughputKBps(1.25)
                .build());
  }

  @Test
  void oldRowWithoutHashRangeEntityTypeAndThroughputIsRead() {
    Map<String, AttributeValue> row = kclRow();
    List.of(
            "entityType",
            "startingHashKey",
            "endingHashKey",
            "throughputKBps",
            "childShardIds",
            "parentShardId",
            "checkpointOwner",
            "checkpointSubSequenceNumber",
            "ownerSwitchesSinceCheckpoint")
        .forEach(row::remove);

    Lease lease = LeaseCodec.decode(row).orElseThrow();

    assertThat(lease.hashRange()).isEmpty();
    assertThat(lease.throughputKBps()).isEmpty();
    assertThat(lease.checkpoint()).isEqualTo(at(SEQUENCE, 0));
    assertThat(lease.owner()).contains("worker-2");
  }

  @Test
  void pendingStateThatIsANumberIsReadAsNoState() {
    Map<String, AttributeValue> row = kclRow();
    row.put("pendingCheckpointState", n("0"));

    assertThat(LeaseCodec.decode(row).orElseThrow().pending().orElseThrow().state()).isEmpty();
  }

  @Test
  void unknownAttributesAreNotInTheWay() {
    Map<String, AttributeValue> row = kclRow();
    row.put("somebodyElses", AttributeValue.fromM(Map.of("a", AttributeValue.fromBool(true))));
    row.put("checkpointOwnerTimeoutTimestampMillis", n("17"));

    assertThat(LeaseCodec.decode(row)).isEqualTo(LeaseCodec.decode(kclRow()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "STREAM",
        "LEADER",
        "CLIENT_VERSION_MIGRATION",
        "TABLE_MIGRATION",
        "WORKER_METRIC_STATS"
      })
  void rowsOfAnotherKindAreNoLeases(String entityType) {
    assertThat(LeaseCodec.decode(Map.of("leaseKey", s("Leader"), "entityType", s(entityType))))
        .isEmpty();
    Map<String, AttributeValue> lookalike = kclRow();
    lookalike.put("entityType", s(entityType));
    assertThat(LeaseCodec.decode(lookalike)).isEmpty();
  }

  @Test
  void rowOfAKindThatIsNotKnownIsLeftAloneUnlessItIsALease() {
    assertThat(LeaseCodec.decode(Map.of("leaseKey", s("note"), "entityType", s("NOTE")))).isEmpty();
    Map<String, AttributeValue> lease = kclRow();
    lease.put("entityType", s("LEASE_OF_KCL_9"));

    assertThatExceptionOfType(LeaseStoreException.class)
        .isThrownBy(() -> LeaseCodec.decode(lease))
        .withMessageContainingAll(SHARD, "entityType", "LEASE_OF_KCL_9")
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.UNKNOWN_KCL_MODE));
  }

  /** As the KCL 1.x writes it: what came later is absent. */
  @Test
  void rowOfAKcl1IsALease() {
    Map<String, AttributeValue> row =
        Map.of(
            "leaseKey", s(SHARD),
            "leaseOwner", s("old-worker"),
            "leaseCounter", n("12"),
            "ownerSwitchesSinceCheckpoint", n("0"),
            "checkpoint", s("4957"),
            "checkpointSubSequenceNumber", n("3"));

    assertThat(LeaseCodec.decode(row).orElseThrow().holder()).contains("old-worker");
    assertThat(LeaseCodec.decode(row).orElseThrow().checkpoint().subSequenceNumber()).isEqualTo(3);
  }

  @Test
  void rowWithNeitherCounterNorCheckpointIsNoLease() {
    assertThat(LeaseCodec.decode(Map.of("leaseKey", s("note"), "text", s("hello")))).isEmpty();
  }

  static Stream<Arguments> malformed() {
    return Stream.of(
        Arguments.of("leaseCounter", null),
        Arguments.of("leaseCounter", s("417")),
        Arguments.of("leaseCounter", n("1.5")),
        Arguments.of("leaseCounter", n("9223372036854775808")),
        Arguments.of("checkpoint", null),
        Arguments.of("checkpoint", s("")),
        Arguments.of("checkpoint", s("LATEST_OR_SO")),
        Arguments.of("checkpoint", n("7")),
        Arguments.of("checkpointSubSequenceNumber", n("-1")),
        Arguments.of("leaseOwner", s("")),
        Arguments.of("leaseOwner", AttributeValue.fromNul(true)),
        Arguments.of("checkpointOwner", n("1")),
        Arguments.of("parentShardId", s("shardId-0")),
        Arguments.of("parentShardId", AttributeValue.fromSs(List.of(""))),
        Arguments.of("startingHashKey", s("-1")),
        Arguments.of("endingHashKey", s("x")),
        Arguments.of("throughputKBps", s("fast")),
        Arguments.of("pendingCheckpoint", s("later")),
        Arguments.of("millraceWriteId", s("no-number")),
        Arguments.of("millraceOwnerEpoch", n("-1")),
        Arguments.of("millraceParked", s("yes")),
        Arguments.of("millraceStream", s("clicks")));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("malformed")
  void rowThatCanNotBeReadIsMalformedAndSaysWhichAttribute(String name, AttributeValue value) {
    Map<String, AttributeValue> row = kclRow();
    if (value == null) {
      row.remove(name);
    } else {
      row.put(name, value);
    }

    String named =
        switch (name) {
          case "endingHashKey" -> "startingHashKey";
          default -> name;
        };
    assertThatExceptionOfType(LeaseStoreException.class)
        .isThrownBy(() -> LeaseCodec.decode(row))
        .withMessageContaining(SHARD)
        .withMessageContaining(named)
        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.MALFORMED_ROW));
  }

  @Test
  void pendingStateIsInNoMessage() {
    Map<String, AttributeValue> row = kclRow();
    row.put("pendingCheckpointState", AttributeValue.fromB(SdkBytes.fromUtf8String("canary")));
    row.put("leaseCounter", s("canary"));

    assertThatExceptionOfType(LeaseStoreException.class)
        .isThrownBy(() -> LeaseCodec.decode(row))
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("canary"));
  }

  @Test
  void throughputStaysWithinWhatTheServiceCanHold() {
    assertThat(LeaseCodec.throughput(Double.MIN_VALUE)).isEqualTo(n("0.0"));
    assertThat(LeaseCodec.throughput(Double.MAX_VALUE)).isEqualTo(n("9.0E125"));
    assertThat(LeaseCodec.throughput(Double.POSITIVE_INFINITY)).isEqualTo(n("9.0E125"));
    assertThat(LeaseCodec.throughput(Double.NaN)).isEqualTo(n("0.0"));
    assertThat(LeaseCodec.throughput(2048.5)).isEqualTo(n("2048.5"));
  }

  @Test
  void parkedReasonIsCutBetweenCharacters() {
    Parked parked = new Parked("é".repeat(Parked.MAX_REASON_LENGTH), Instant.EPOCH, 1);

    String text = LeaseCodec.encode(parked).s();

    assertThat(text).isEqualTo("0/1/" + "é".repeat(LeaseCodec.MAX_REASON_BYTES / 2));
  }

  @Test
  void parkedReasonMayHoldSlashes() {
    Lease parked =
        Lease.builder(LeaseKey.of(SHARD), Sentinel.LATEST)
            .parked(new Parked("a/b/c", Instant.ofEpochMilli(-5), 2))
            .build();

    assertThat(LeaseCodec.decode(LeaseCodec.encode(parked))).contains(parked);
  }

  static Checkpoint at(String sequenceNumber, long subSequenceNumber) {
    return Checkpoint.at(new Position(SequenceNumber.of(sequenceNumber), subSequenceNumber));
  }

  static AttributeValue s(String value) {
    return AttributeValue.fromS(value);
  }

  static AttributeValue n(String value) {
    return AttributeValue.fromN(value);
  }
}
