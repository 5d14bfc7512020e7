package io.millrace.producer.internal.loop;

import static io.millrace.producer.internal.loop.Harness.settings;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.aggregation.AggregateEncoder;
import io.millrace.aggregation.AggregatedRecord;
import io.millrace.aggregation.Headers;
import io.millrace.producer.ProducerSettings.ContainerKey;
import io.millrace.producer.PutAttempt;
import io.millrace.producer.UserRecord;
import io.millrace.producer.internal.loop.FakeKinesis.SeenRecord;
import io.millrace.producer.internal.send.PutEntry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** How user records are packed into Kinesis records. */
@SuppressWarnings("FutureReturnValueIgnored") // the harness keeps them
class ProducerAggregationTest {
  @Test
  void recordsOfOneShardShareAnAggregateAndTheirPositionsAreTold() {
    Harness h = new Harness(settings(), 1).warm();
    var first = h.put("a", "one");
    var second = h.put("b", "two");
    h.advance(Duration.ofMillis(100));

    assertThat(h.kinesis.puts).hasSize(1);
    assertThat(h.kinesis.puts.get(0).entries).hasSize(1);
    assertThat(h.kinesis.puts.get(0).entries.get(0).partitionKey()).isEqualTo("a");
    assertThat(first.join().subSequenceNumber()).hasValue(0);
    assertThat(second.join().subSequenceNumber()).hasValue(1);
    assertThat(first.join().sequenceNumber()).isEqualTo(second.join().sequenceNumber());
    assertThat(first.join().possibleDuplicate()).isFalse();
    assertThat(first.join().attempts()).extracting(PutAttempt::code).containsExactly("Success");
    assertThat(h.kinesis.seen()).extracting(SeenRecord::data).containsExactly("one", "two");
    h.assertSettled();
  }

  @Test
  void aLoneRecordLeavesAsItIsUnderItsOwnKey() {
    Harness h = new Harness(settings(), 1).warm();
    var result = h.put("key", "payload");
    h.advance(Duration.ofMillis(100));

    var entry = h.kinesis.puts.get(0).entries.get(0);
    assertThat(new String(entry.data(), StandardCharsets.UTF_8)).isEqualTo("payload");
    assertThat(entry.partitionKey()).isEqualTo("key");
    assertThat(entry.explicitHashKey()).isNull();
    assertThat(result.join().subSequenceNumber()).isEqualTo(OptionalInt.empty());
  }

  @Test
  void recordsPutBeforeTheMapIsThereWaitAndAreAggregatedByShardThen() {
    Harness h = new Harness(settings(), 4);
    for (int i = 0; i < 400; i++) {
      h.put("key-" + i, "data-" + i);
    }
    h.step();
    assertThat(h.kinesis.puts).isEmpty();
    h.advance(Duration.ofMillis(200));

    assertThat(h.kinesis.puts.stream().mapToInt(p -> p.entries.size()).sum()).isEqualTo(4);
    assertThat(h.kinesis.seen()).hasSize(400);
    h.assertSettled();
  }

  @Test
  void anAggregateIsClosedAtItsSize() {
    Harness h = new Harness(settings().aggregateMaxBytes(1_000), 1).warm();
    for (int i = 0; i < 100; i++) {
      h.put("key", "x".repeat(90));
    }
    h.advance(Duration.ofMillis(200));
    List<Integer> sizes =
        h.kinesis.puts.stream().flatMap(p -> p.entries.stream()).map(e -> e.data().length).toList();
    assertThat(sizes).allMatch(size -> size <= 1_000).hasSizeBetween(10, 12);
    h.assertSettled();
  }

  @Test
  void anAggregateIsClosedAtItsCount() {
    Harness h = new Harness(settings().aggregateMaxRecords(7), 1).warm();
    for (int i = 0; i < 70; i++) {
      h.put("key", "x");
    }
    h.advance(Duration.ofMillis(200));
    assertThat(h.kinesis.puts.stream().mapToInt(p -> p.entries.size()).sum()).isEqualTo(10);
  }

  @Test
  void aRecordLargerThanAnAggregateGoesAloneBehindThoseBeforeIt() {
    Harness h = new Harness(settings(), 1).warm();
    h.put("a", "before");
    h.put("a", "x".repeat(60_000));
    h.put("a", "after");
    h.advance(Duration.ofMillis(200));
    assertThat(h.kinesis.seen())
        .extracting(seen -> seen.data().length())
        .containsExactly(6, 60_000, 5);
    h.assertSettled();
  }

  @Test
  void headersTravelInAnAggregateOfOne() {
    Harness h = new Harness(settings(), 1).warm();
    h.put(
        UserRecord.builder()
            .partitionKey("a")
            .data("x".getBytes(StandardCharsets.UTF_8))
            .header("trace", "1")
            .build());
    h.advance(Duration.ofMillis(100));
    var aggregate = (AggregatedRecord) h.kinesis.shards.get(0).records.get(0).decoded();
    assertThat(aggregate.iterator().next().headers().text("trace")).contains("1");
    h.assertSettled();
  }

  @Test
  void aPayloadThatLooksLikeAnAggregateIsFramedSoThatReadersGiveItBackAsItIs() {
    Harness h = new Harness(settings(), 1).warm();
    var inner = new AggregateEncoder(1_000);
    inner.tryAdd("k", null, new byte[] {1}, Headers.NONE);
    byte[] looksAggregated = inner.finish();
    h.put(UserRecord.of("a", looksAggregated));
    h.advance(Duration.ofMillis(100));
    var aggregate = (AggregatedRecord) h.kinesis.shards.get(0).records.get(0).decoded();
    assertThat(aggregate.memberCount()).isEqualTo(1);
    assertThat(aggregate.iterator().next().data()).isEqualTo(ByteBuffer.wrap(looksAggregated));
  }

  @Test
  void theContainerKeyCanBeTheFirstMembers() {
    Harness h = new Harness(settings().containerKey(ContainerKey.FIRST_MEMBER), 1).warm();
    h.put("first", "1");
    h.put("second", "2");
    h.advance(Duration.ofMillis(100));
    assertThat(h.kinesis.puts.get(0).entries.get(0).partitionKey()).isEqualTo("first");
  }

  @Test
  void largestAggregateWithTheLongestKeyFitsIntoARecord() {
    Harness h =
        new Harness(
                settings()
                    .aggregateMaxBytes(1_047_552)
                    .containerKey(ContainerKey.FIRST_MEMBER)
                    .bufferBytes(16 << 20),
                1)
            .warm();
    String longest = "\ud83d\ude00".repeat(256);
    for (int i = 0; i < 12; i++) {
      h.put(longest, "x".repeat(100_000));
    }
    h.advance(Duration.ofSeconds(20));
    h.assertSettled();
    assertThat(h.kinesis.shards.get(0).records)
        .allSatisfy(
            stored ->
                assertThat(
                        stored.data().remaining()
                            + stored.key().getBytes(StandardCharsets.UTF_8).length)
                    .isLessThanOrEqualTo(1 << 20));
    assertThat(h.kinesis.seen()).hasSize(12);
  }

  @Test
  void theContainerKeyCanBeAnotherForEachAggregate() {
    Harness h =
        new Harness(settings().containerKey(ContainerKey.UNIQUE).aggregateMaxRecords(2), 4).warm();
    for (int i = 0; i < 40; i++) {
      h.put("key-" + i, "data-" + i);
    }
    h.advance(Duration.ofMillis(200));
    assertThat(h.kinesis.puts.stream().flatMap(put -> put.entries.stream()))
        .filteredOn(entry -> entry.explicitHashKey() != null)
        .hasSizeGreaterThan(15)
        .extracting(PutEntry::partitionKey)
        .doesNotHaveDuplicates();
    assertThat(h.kinesis.seen()).extracting(SeenRecord::data).hasSize(40).doesNotHaveDuplicates();
    h.assertSettled();
  }
}
