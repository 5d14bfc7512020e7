package io.millrace.dynamodb.internal.row;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.Notice;
import io.millrace.consumer.lease.Parked;
import io.millrace.consumer.lease.StreamIdentity;
import io.millrace.consumer.lease.WorkerRow;
import io.millrace.consumer.lease.WriteId;
import io.millrace.model.HashRange;
import io.millrace.model.ShardId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** A row of up to 1,024 bytes costs one write unit; each KB more costs another one. */
class RowSizeTest {
  private static final int WRITE_UNIT_BYTES = 1_024;
  private static final int OUR_BUDGET_BYTES = 400;
  private static final String INCARNATION = "0123456789abcdef";
  private static final String WORKER = "ip-10-11-12-13.eu-west-1.compute.internal:" + INCARNATION;

  private static Lease.Builder lease() {
    return Lease.builder(
            LeaseKey.of("shardId-000000000123"),
            LeaseCodecTest.at(LeaseCodecTest.SEQUENCE, 999_999))
        .counter(123_456_789)
        .owner(WORKER)
        .ownerEpoch(123_456)
        .ownerSwitchesSinceCheckpoint(3)
        .parents(Set.of(new ShardId("shardId-000000000001"), new ShardId("shardId-000000000002")))
        .hashRange(HashRange.FULL)
        .throughputKBps(1234.5678901234)
        .startTimestamp(Instant.ofEpochMilli(1_700_000_000_123L))
        .lastArrival(Instant.ofEpochMilli(1_700_000_000_456L))
        .stream(
            new StreamIdentity(
                "arn:aws:kinesis:ap-southeast-2:123456789012:stream/" + "s".repeat(60),
                Instant.ofEpochSecond(1_700_000_000)))
        .writeId(new WriteId(INCARNATION, 123_456_789_012L))
        .ahead(new byte[Lease.MAX_AHEAD_BYTES]);
  }

  @Test
  void ownAttributesOfALeaseInAHandoffStayWithinTheBudget() {
    Lease claimed =
        lease()
            .checkpointOwner(WORKER)
            .claimEpoch(123_456)
            .claimId(new WriteId(INCARNATION, 123_456_789_012L))
            .build();

    assertThat(ours(claimed)).isLessThanOrEqualTo(OUR_BUDGET_BYTES);
    assertThat(size(LeaseCodec.encode(claimed))).isLessThanOrEqualTo(WRITE_UNIT_BYTES);
  }

  @Test
  void ownAttributesOfAParkedLeaseStayWithinTheBudget() {
    Lease parked =
        lease()
            .parked(
                new Parked(
                    "com.example.orders.ingest.UnexpectedSchemaVersionException",
                    Instant.ofEpochMilli(1_700_000_000_789L),
                    1_000))
            .build();

    assertThat(ours(parked)).isLessThanOrEqualTo(OUR_BUDGET_BYTES);
    assertThat(size(LeaseCodec.encode(parked))).isLessThanOrEqualTo(WRITE_UNIT_BYTES);
  }

  @Test
  void workerRowWithAllItsNoticesIsOneWriteUnit() {
    List<Notice> notices = new ArrayList<>();
    for (int i = 0; i < WorkerRow.MAX_NOTICES; i++) {
      notices.add(
          new Notice(123_456 + i, Notice.Kind.RELEASED, LeaseKey.of("shardId-000000000123")));
    }
    WorkerRow row =
        new WorkerRow(
            WORKER,
            INCARNATION,
            123_456,
            123_456_789,
            WorkerRow.State.LEAVING,
            1,
            Duration.ofSeconds(10),
            Integer.MAX_VALUE,
            17,
            1_000,
            123.456789,
            notices);
    Map<String, AttributeValue> item = new HashMap<>(WorkerCodec.encode(row));
    item.put(WorkerCodec.WORKER, AttributeValue.fromS(WORKER));

    assertThat(size(item)).isLessThanOrEqualTo(WRITE_UNIT_BYTES);
  }

  private static int ours(Lease lease) {
    Map<String, AttributeValue> item = new HashMap<>(LeaseCodec.encode(lease));
    item.keySet().removeIf(name -> !name.startsWith("millrace"));
    return size(item);
  }

  /** The service's rule: names and texts in UTF-8, a number about a byte for two digits and one. */
  private static int size(Map<String, AttributeValue> item) {
    int bytes = 0;
    for (Map.Entry<String, AttributeValue> attribute : item.entrySet()) {
      bytes += utf8(attribute.getKey()) + size(attribute.getValue());
    }
    return bytes;
  }

  private static int size(AttributeValue value) {
    if (value.s() != null) {
      return utf8(value.s());
    }
    if (value.n() != null) {
      return (value.n().length() + 1) / 2 + 1;
    }
    if (value.b() != null) {
      return value.b().asByteArrayUnsafe().length;
    }
    if (value.hasSs()) {
      return value.ss().stream().mapToInt(RowSizeTest::utf8).sum();
    }
    return 3 + value.l().stream().mapToInt(element -> 1 + size(element)).sum();
  }

  private static int utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
