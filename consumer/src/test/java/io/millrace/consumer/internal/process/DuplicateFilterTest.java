package io.millrace.consumer.internal.process;

import static io.millrace.consumer.internal.testing.TestRecords.plain;
import static io.millrace.consumer.internal.testing.TestRecords.sequence;
import static io.millrace.consumer.internal.testing.TestRecords.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.observation.ObservationRegistry;
import io.millrace.aggregation.AggregateEncoder;
import io.millrace.aggregation.Headers;
import io.millrace.consumer.failure.FailurePolicy;
import io.millrace.consumer.handler.BatchResult;
import io.millrace.consumer.handler.DuplicateFilter;
import io.millrace.consumer.internal.fetch.KinesisRecord;
import io.millrace.consumer.internal.testing.FakeOwnership;
import io.millrace.consumer.internal.testing.TestRecords;
import io.millrace.consumer.internal.testing.Worker;
import io.millrace.model.Position;
import io.millrace.model.ShardId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DuplicateFilterTest {
  private static final ShardId SHARD = new ShardId("shardId-000000000000");

  private final Worker worker = new Worker();
  private final FakeOwnership lease = new FakeOwnership();
  private final List<String> seen = new ArrayList<>();

  private void filter(DuplicateFilter filter) {
    worker.hooks = new ApplicationHooks(loss -> {}, ObservationRegistry.NOOP, Optional.of(filter));
    worker.onRecord(record -> seen.add(text(record.data())));
  }

  /** The event is what stands before the dash. */
  private static DuplicateFilter byData() {
    return DuplicateFilter.by(record -> Optional.of(text(record.data()).split("-", 2)[0]));
  }

  private static KinesisRecord event(long n, String data) {
    return plain(n, "key", data);
  }

  private double counted() {
    return worker.meters.get("millrace.consumer.duplicates").counter().count();
  }

  @Test
  void eventThatWasAcknowledgedIsNotDeliveredAgainAndCountsAsProcessed() {
    filter(byData());
    worker.kinesis.put(SHARD, event(1, "a-1"), event(2, "b-1"), event(3, "a-2"), event(4, "a-3"));
    worker.grant(SHARD, lease);
    worker.run(Duration.ofSeconds(6));
    assertThat(seen).containsExactly("a-1", "b-1");
    assertThat(counted()).isEqualTo(2);
    assertThat(lease.checkpoint()).contains(new Position(sequence(4), 0));
    assertThat(worker.heldBytes()).isZero();
  }

  @Test
  void headerTellsTheEventAndRecordsWithoutItAreDelivered() {
    filter(DuplicateFilter.byHeader("event-id"));
    AggregateEncoder encoder = new AggregateEncoder(1 << 20);
    for (String id : new String[] {"x", "x", "", "", "y"}) {
      Headers headers = id.isEmpty() ? Headers.NONE : Headers.builder().add("event-id", id).build();
      encoder.tryAdd(
          "key", null, ByteBuffer.wrap(("of" + id).getBytes(StandardCharsets.UTF_8)), headers);
    }
    worker.kinesis.put(
        SHARD,
        new KinesisRecord(
            TestRecords.sequence(1), "a", Instant.EPOCH, ByteBuffer.wrap(encoder.finish())));
    worker.grant(SHARD, lease);
    worker.settle();
    assertThat(seen).containsExactly("ofx", "of", "of", "ofy");
  }

  @Test
  void eventThatFailedIsNoDuplicateOfItself() {
    filter(byData());
    worker.policy =
        FailurePolicy.builder().backoff(Duration.ofMillis(1), Duration.ofMillis(2)).build();
    int[] left = {3};
    worker.onRecord(
        record -> {
          if (left[0]-- > 0) {
            throw new IllegalStateException("not yet");
          }
          seen.add(text(record.data()));
        });
    worker.kinesis.put(SHARD, event(1, "a-1"), event(2, "a-2"));
    worker.grant(SHARD, lease);
    worker.run(Duration.ofSeconds(1));
    assertThat(seen).containsExactly("a-1");
  }

  @Test
  void duplicatesLeaveABatchAlsoOfEachOther() {
    filter(byData());
    worker.process(
        new Processing.Handler(
            new UserCode.Batches(
                batch -> {
                  seen.add(batch.records().stream().map(r -> text(r.data())).toList().toString());
                  return BatchResult.ok();
                })));
    worker.settings = worker.settings.toBuilder().batchMaxRecords(3).build();
    worker.kinesis.put(
        SHARD,
        event(1, "a-1"),
        event(2, "b-1"),
        event(3, "a-2"),
        event(4, "a-3"),
        event(5, "b-2"),
        event(6, "a-4"),
        event(7, "c-1"));
    worker.grant(SHARD, lease);
    worker.run(Duration.ofSeconds(6));
    assertThat(seen).containsExactly("[a-1, b-1]", "[c-1]");
    assertThat(lease.checkpoint()).contains(new Position(sequence(7), 0));
  }

  @Test
  void windowForgetsByTimeAndBySize() {
    filter(byData().window(Duration.ofSeconds(10)));
    worker.kinesis.put(SHARD, event(1, "a-1"));
    worker.grant(SHARD, lease);
    worker.run(Duration.ofSeconds(9));
    worker.kinesis.put(SHARD, event(2, "a-2"));
    worker.run(Duration.ofSeconds(2));
    assertThat(seen).containsExactly("a-1");
    worker.kinesis.put(SHARD, event(3, "a-3"));
    worker.run(Duration.ofSeconds(15));
    worker.kinesis.put(SHARD, event(4, "a-4"));
    worker.run(Duration.ofSeconds(1));
    assertThat(seen).hasSize(2).contains("a-1", "a-4");
  }

  @Test
  void functionThatThrowsHidesNothing() {
    filter(
        DuplicateFilter.by(
            record -> {
              if (record.position().sequenceNumber().equals(sequence(1))) {
                throw new IllegalStateException("no id");
              }
              throw new StackOverflowError("thrown by the test");
            }));
    worker.kinesis.put(SHARD, event(1, "a-1"), event(2, "a-1"));
    worker.grant(SHARD, lease);
    worker.settle();
    assertThat(seen).containsExactly("a-1", "a-1");
  }

  @Test
  void valuesOutsideTheirRangeAreRefused() {
    assertThatThrownBy(() -> byData().window(Duration.ZERO)).hasMessageContaining("window PT0S");
    assertThatThrownBy(() -> byData().maxIds(0)).hasMessageContaining("maxIds 0");
    assertThatThrownBy(() -> DuplicateFilter.byHeader("")).hasMessageContaining("header");
  }
}
