package io.millrace.testkit.kinesis;

import static io.millrace.testkit.kinesis.Endpoint.SHARD_0;
import static io.millrace.testkit.kinesis.Endpoint.SHARD_1;
import static io.millrace.testkit.kinesis.Endpoint.START;
import static io.millrace.testkit.kinesis.Endpoint.STREAM;
import static io.millrace.testkit.kinesis.Endpoint.entryAt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.testkit.kinesis.call.ConsumerCall;
import io.millrace.testkit.kinesis.call.Delivery;
import io.millrace.testkit.kinesis.call.KinesisRequest;
import io.millrace.testkit.kinesis.call.Operation;
import io.millrace.testkit.kinesis.call.RecordCall.GetRecords;
import io.millrace.testkit.kinesis.call.RecordCall.GetRecordsReply;
import io.millrace.testkit.kinesis.call.RecordCall.PutEntry;
import io.millrace.testkit.kinesis.call.RecordCall.PutRecords;
import io.millrace.testkit.kinesis.call.RecordCall.PutRecordsReply;
import io.millrace.testkit.kinesis.call.RecordCall.PutResult;
import io.millrace.testkit.kinesis.call.ShardSubscription;
import io.millrace.testkit.kinesis.call.StreamCall;
import io.millrace.testkit.kinesis.call.SubscriptionStep;
import io.millrace.testkit.kinesis.fault.Fault;
import io.millrace.testkit.kinesis.fault.FaultRule;
import io.millrace.testkit.kinesis.fault.Latency;
import io.millrace.testkit.kinesis.model.ErrorCode;
import io.millrace.testkit.kinesis.model.StartingPosition;
import io.millrace.testkit.kinesis.model.StreamRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FaultsTest {
  private final Endpoint endpoint = Endpoint.withShards(2);

  private static PutRecords put(PutEntry... entries) {
    return new PutRecords(STREAM, List.of(entries));
  }

  private <R> R answered(KinesisRequest<R> request) {
    Delivery<R> delivery = endpoint.core.handle(request);
    assertThat(delivery).isInstanceOf(Delivery.Answer.class);
    return ((Delivery.Answer<R>) delivery).reply();
  }

  private ErrorCode refused(KinesisRequest<?> request) {
    Delivery<?> delivery = endpoint.core.handle(request);
    assertThat(delivery).isInstanceOf(Delivery.Refusal.class);
    return ((Delivery.Refusal<?>) delivery).error().code();
  }

  private int stored() {
    return endpoint.core.records("orders").values().stream().mapToInt(List::size).sum();
  }

  @Test
  void scriptFailsTheNextThreePutsOfOneShardAndNoOthers() {
    FaultRule rule =
        endpoint.core.faults().on(Operation.PUT_RECORDS).stream("orders")
            .shard(SHARD_1)
            .times(3)
            .inject(Fault.failEntries(ErrorCode.PROVISIONED_THROUGHPUT_EXCEEDED));

    assertThat(answered(put(entryAt(0.1, "a"))).failedRecordCount()).isZero();
    for (int i = 0; i < 3; i++) {
      PutRecordsReply reply = answered(put(entryAt(0.1, "low"), entryAt(0.9, "high")));
      assertThat(reply.failedRecordCount()).isEqualTo(1);
      assertThat(reply.results().get(0).isFailed()).isFalse();
      assertThat(reply.results().get(1).errorCode())
          .isEqualTo(ErrorCode.PROVISIONED_THROUGHPUT_EXCEEDED);
    }
    assertThat(answered(put(entryAt(0.9, "high"))).failedRecordCount()).isZero();

    assertThat(rule.hits()).isEqualTo(3);
    assertThat(rule.timesLeft()).isZero();
    assertThat(endpoint.core.records("orders").get(SHARD_1)).hasSize(1);
    assertThat(endpoint.core.records("orders").get(SHARD_0)).hasSize(4);
  }

  @Test
  void refusalWithoutEffectStoresNothingAndWithEffectStores() {
    endpoint.core.faults().on(Operation.PUT_RECORDS).times(1).inject(Fault.internalFailure());
    endpoint
        .core
        .faults()
        .on(Operation.PUT_RECORDS)
        .times(1)
        .inject(Fault.internalFailureAfterEffect());

    assertThat(refused(put(entryAt(0, "a")))).isEqualTo(ErrorCode.INTERNAL_FAILURE);
    assertThat(stored()).isZero();
    assertThat(refused(put(entryAt(0, "a")))).isEqualTo(ErrorCode.INTERNAL_FAILURE);
    assertThat(stored()).isEqualTo(1);
  }

  @Test
  void lostRequestAndLostReplyAreSilentButDifferInEffect() {
    endpoint.core.faults().on(Operation.PUT_RECORDS).times(1).inject(Fault.lostRequest());
    endpoint.core.faults().on(Operation.PUT_RECORDS).times(1).inject(Fault.lostReply());

    assertThat(endpoint.core.handle(put(entryAt(0, "a")))).isInstanceOf(Delivery.Silence.class);
    assertThat(stored()).isZero();
    assertThat(endpoint.core.handle(put(entryAt(0, "a")))).isInstanceOf(Delivery.Silence.class);
    assertThat(stored()).isEqualTo(1);
  }

  @Test
  void resetsComeBeforeOrAfterTheEffect() {
    endpoint.core.faults().on(Operation.PUT_RECORDS).times(1).inject(Fault.reset());
    endpoint.core.faults().on(Operation.PUT_RECORDS).times(1).inject(Fault.resetAfterEffect());

    assertThat(endpoint.core.handle(put(entryAt(0, "a")))).isInstanceOf(Delivery.Reset.class);
    assertThat(stored()).isZero();
    assertThat(endpoint.core.handle(put(entryAt(0, "a")))).isInstanceOf(Delivery.Reset.class);
    assertThat(stored()).isEqualTo(1);
  }

  @Test
  void directCallsAreSpared() {
    endpoint.core.faults().onEveryCall().inject(Fault.accessDenied());

    assertThat(endpoint.put(entryAt(0, "a")).failedRecordCount()).isZero();
    assertThat(refused(put(entryAt(0, "a")))).isEqualTo(ErrorCode.ACCESS_DENIED);
    assertThat(refused(new StreamCall.DescribeStreamSummary(STREAM)))
        .isEqualTo(ErrorCode.ACCESS_DENIED);
  }

  @Test
  void rulesHoldBetweenTwoTimes() {
    endpoint
        .core
        .faults()
        .onEveryCall()
        .between(START.plusSeconds(10), START.plusSeconds(20))
        .inject(Fault.throttle());

    answered(put(entryAt(0, "a")));
    endpoint.advance(Duration.ofSeconds(10));
    assertThat(refused(put(entryAt(0, "a")))).isEqualTo(ErrorCode.PROVISIONED_THROUGHPUT_EXCEEDED);
    endpoint.advance(Duration.ofSeconds(10));
    answered(put(entryAt(0, "a")));
  }

  @Test
  void skippedCallsAreSparedFirst() {
    endpoint
        .core
        .faults()
        .on(Operation.PUT_RECORDS)
        .skip(2)
        .times(1)
        .inject(Fault.expiredCredentials());

    answered(put(entryAt(0, "a")));
    answered(put(entryAt(0, "a")));
    assertThat(refused(put(entryAt(0, "a")))).isEqualTo(ErrorCode.EXPIRED_TOKEN);
    answered(put(entryAt(0, "a")));
  }

  @Test
  void cancelledRulesHitNoMore() {
    FaultRule rule = endpoint.core.faults().onEveryCall().inject(Fault.throttle());

    rule.cancel();
    answered(put(entryAt(0, "a")));

    endpoint.core.faults().onEveryCall().inject(Fault.throttle());
    endpoint.core.faults().clear();
    answered(put(entryAt(0, "a")));
  }

  @Test
  void chanceIsTheSameForTheSameSeed() {
    List<Boolean> first = hitsByChance(Endpoint.withShards(1));
    List<Boolean> second = hitsByChance(Endpoint.withShards(1));

    assertThat(first).isEqualTo(second);
    assertThat(Collections.frequency(first, true)).isBetween(60, 140);
  }

  private static List<Boolean> hitsByChance(Endpoint endpoint) {
    endpoint.core.faults().on(Operation.PUT_RECORDS).probability(0.1).inject(Fault.throttle());
    List<Boolean> hits = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      hits.add(endpoint.core.handle(put(entryAt(0, "a"))) instanceof Delivery.Refusal);
    }
    return hits;
  }

  @Test
  void shareOfEntriesFailsByChance() {
    endpoint
        .core
        .faults()
        .on(Operation.PUT_RECORDS)
        .inject(Fault.failEntries(ErrorCode.INTERNAL_FAILURE, 0.5));

    PutRecordsReply reply =
        answered(new PutRecords(STREAM, Collections.nCopies(500, entryAt(0, "a"))));

    assertThat(reply.failedRecordCount()).isBetween(150, 350);
    assertThat(stored()).isEqualTo(500 - reply.failedRecordCount());
  }

  @Test
  void entriesFailByIndex() {
    endpoint
        .core
        .faults()
        .on(Operation.PUT_RECORDS)
        .inject(Fault.failEntriesAt(ErrorCode.INTERNAL_FAILURE, Set.of(0, 2)));

    PutRecordsReply reply = answered(put(entryAt(0, "a"), entryAt(0, "b"), entryAt(0, "c")));

    assertThat(reply.results()).extracting(PutResult::isFailed).containsExactly(true, false, true);
    assertThat(reply.results().get(0).errorMessage()).isEqualTo("Internal service failure.");
  }

  @Test
  void delaysAddUpAndLeaveTheAnswerAlone() {
    endpoint
        .core
        .faults()
        .onEveryCall()
        .inject(Fault.delay(Latency.constant(Duration.ofMillis(5))));
    endpoint
        .core
        .faults()
        .on(Operation.PUT_RECORDS)
        .inject(Fault.delay(Latency.uniform(Duration.ofMillis(10), Duration.ofMillis(20))));
    endpoint.core.faults().on(Operation.PUT_RECORDS).skip(1).inject(Fault.throttle());

    assertThat(endpoint.core.handle(put(entryAt(0, "a"))))
        .isInstanceOf(Delivery.Answer.class)
        .extracting(Delivery::delayNanos)
        .satisfies(nanos -> assertThat(nanos).isBetween(15_000_000L, 25_000_000L));
    assertThat(endpoint.core.handle(put(entryAt(0, "a"))))
        .isInstanceOf(Delivery.Refusal.class)
        .extracting(Delivery::delayNanos)
        .satisfies(nanos -> assertThat(nanos).isGreaterThanOrEqualTo(15_000_000L));
  }

  @Test
  void emptyPageDoesNotMoveOn() {
    endpoint.putTexts("a");
    String iterator = endpoint.iterator(SHARD_0, StartingPosition.trimHorizon());
    endpoint.core.faults().on(Operation.GET_RECORDS).times(1).inject(Fault.emptyPage());

    GetRecordsReply empty = answered(GetRecords.from(iterator));

    assertThat(empty.records()).isEmpty();
    assertThat(empty.millisBehindLatest()).isPositive();
    assertThat(answered(GetRecords.from(String.valueOf(empty.nextShardIterator()))).records())
        .hasSize(1);
  }

  @Test
  void readsOfOneShardFailByItsIterator() {
    String first = endpoint.iterator(SHARD_0, StartingPosition.latest());
    String second = endpoint.iterator(SHARD_1, StartingPosition.latest());
    endpoint.core.faults().on(Operation.GET_RECORDS).stream("orders")
        .shard(SHARD_1)
        .inject(Fault.expiredIterator());

    answered(GetRecords.from(first));
    assertThat(refused(GetRecords.from(second))).isEqualTo(ErrorCode.EXPIRED_ITERATOR);
  }

  @Test
  void subscriptionsEndEarly() {
    String arn = consumerArn();
    endpoint
        .core
        .faults()
        .on(Operation.SUBSCRIBE_TO_SHARD)
        .times(1)
        .inject(Fault.resetSubscription(Duration.ofSeconds(2)));
    endpoint
        .core
        .faults()
        .on(Operation.SUBSCRIBE_TO_SHARD)
        .times(1)
        .inject(Fault.endSubscription(Duration.ZERO, ErrorCode.INTERNAL_FAILURE));

    ShardSubscription first = answered(subscription(arn));
    assertThat(first.next()).isInstanceOf(SubscriptionStep.Push.class);
    assertThat(first.next()).isEqualTo(new SubscriptionStep.Wait(2_000_000_000L));
    endpoint.advance(Duration.ofSeconds(2));
    assertThat(first.next()).isEqualTo(new SubscriptionStep.End(null, true));

    ShardSubscription second = answered(subscription(arn));
    assertThat(second.next())
        .isInstanceOfSatisfying(
            SubscriptionStep.End.class,
            end -> assertThat(end.error()).hasMessageContaining("InternalFailure"));
  }

  @Test
  void runningSubscriptionsAreResetOnDemand() {
    ShardSubscription running = answered(subscription(consumerArn()));

    endpoint.core.resetSubscriptions("orders");

    assertThat(running.next()).isEqualTo(new SubscriptionStep.End(null, true));
  }

  @Test
  void subscriptionWhoseReplyIsLostDoesNotLinger() {
    String arn = consumerArn();
    endpoint.core.faults().on(Operation.SUBSCRIBE_TO_SHARD).times(1).inject(Fault.lostReply());

    assertThat(endpoint.core.handle(subscription(arn))).isInstanceOf(Delivery.Silence.class);

    answered(subscription(arn));
  }

  @Test
  void faultsThatFitNoOperationAreRefused() {
    assertThatThrownBy(
            () -> endpoint.core.faults().on(Operation.PUT_RECORD).inject(Fault.emptyPage()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("GET_RECORDS");
    assertThatThrownBy(() -> endpoint.core.faults().onEveryCall().probability(1.5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1.5");
    assertThatThrownBy(() -> Fault.failEntries(ErrorCode.THROTTLING, Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Latency.uniform(Duration.ofSeconds(2), Duration.ofSeconds(1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void listenersHearWhatHappenedAndWhatWasSaid() {
    List<CompletedCall> calls = new ArrayList<>();
    endpoint.core.addListener(calls::add);
    endpoint.core.faults().on(Operation.PUT_RECORDS).times(1).inject(Fault.lostReply());

    endpoint.core.handle(put(entryAt(0, "a"), entryAt(0.9, "b")));
    endpoint.core.handle(new StreamCall.DescribeStreamSummary(StreamRef.ofName("nope")));
    endpoint.get(endpoint.iterator(SHARD_0, StartingPosition.trimHorizon()));

    assertThat(calls)
        .containsExactly(
            new CompletedCall(
                Operation.PUT_RECORDS,
                "orders",
                null,
                CompletedCall.Outcome.SILENT,
                null,
                true,
                2,
                0),
            new CompletedCall(
                Operation.DESCRIBE_STREAM_SUMMARY,
                "nope",
                null,
                CompletedCall.Outcome.REFUSED,
                ErrorCode.RESOURCE_NOT_FOUND,
                false,
                0,
                0),
            new CompletedCall(
                Operation.GET_SHARD_ITERATOR,
                "orders",
                SHARD_0,
                CompletedCall.Outcome.ANSWERED,
                null,
                true,
                0,
                0),
            new CompletedCall(
                Operation.GET_RECORDS,
                "orders",
                SHARD_0,
                CompletedCall.Outcome.ANSWERED,
                null,
                true,
                1,
                0));
  }

  @Test
  void statisticsCountCallsErrorsAndRecords() {
    endpoint.core.faults().on(Operation.PUT_RECORDS).times(1).inject(Fault.throttle());
    endpoint.core.handle(put(entryAt(0, "a")));
    endpoint
        .core
        .faults()
        .on(Operation.PUT_RECORDS)
        .times(1)
        .inject(Fault.failEntriesAt(ErrorCode.INTERNAL_FAILURE, Set.of(0)));
    endpoint.core.handle(put(entryAt(0, "abc"), entryAt(0, "de")));
    endpoint.readAll(SHARD_0);

    CoreStatistics statistics = endpoint.core.statistics();

    assertThat(statistics.calls(Operation.PUT_RECORDS)).isEqualTo(2);
    assertThat(statistics.errors(ErrorCode.PROVISIONED_THROUGHPUT_EXCEEDED)).isEqualTo(1);
    assertThat(statistics.failedEntries())
        .containsExactly(Map.entry(ErrorCode.INTERNAL_FAILURE, 1L));
    assertThat(statistics.kinesisRecordsPut()).isEqualTo(1);
    assertThat(statistics.bytesPut()).isEqualTo(2);
    assertThat(statistics.kinesisRecordsRead()).isEqualTo(1);
  }

  private String consumerArn() {
    return endpoint
        .call(new ConsumerCall.RegisterStreamConsumer(endpoint.streamArn(), "app", Map.of()))
        .consumer()
        .arn();
  }

  private static ConsumerCall.SubscribeToShard subscription(String arn) {
    return new ConsumerCall.SubscribeToShard(arn, SHARD_0, StartingPosition.latest());
  }
}
