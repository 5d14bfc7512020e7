package io.millrace.integration.producer.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.consumer.StartAt;
import io.millrace.consumer.StreamConsumer;
import io.millrace.consumer.handler.ReceivedRecord;
import io.millrace.consumer.lease.InMemoryLeaseStore;
import io.millrace.integration.endpoint.TestStream;
import io.millrace.producer.ProducerSettings.Aggregation;
import io.millrace.producer.PutResult;
import io.millrace.producer.StreamProducer;
import io.millrace.producer.UserRecord;
import io.millrace.testkit.kinesis.call.Operation;
import io.millrace.testkit.kinesis.call.StreamCall.CreateStream;
import io.millrace.testkit.kinesis.call.StreamCall.DescribeStreamSummary;
import io.millrace.testkit.kinesis.call.StreamCall.UpdateMaxRecordSize;
import io.millrace.testkit.kinesis.fault.Fault;
import io.millrace.testkit.kinesis.model.RecordDistributionStrategy;
import io.millrace.testkit.kinesis.model.StreamRef;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Streams of every kind over HTTP: managed distribution, large records, ARNs, headers. */
@SuppressWarnings("FutureReturnValueIgnored") // the futures are kept in a map
class ProducerStreamsOverHttpTest extends ProducerOverHttp {
  @Test
  void recordOfTenMebibytesIsStoredWhereTheStreamAllowsItAndElsewhereRefusedAtTheDoor() {
    producer = producer(settings(), 1);
    put("warm up").join();
    byte[] large = new byte[(10 << 20) - 3];
    assertThatThrownBy(() -> producer.put(stream, "key", large))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1048576 of this stream");

    String wide = stream + "-wide";
    server.createStream(wide, 1);
    server.core().call(new UpdateMaxRecordSize(StreamRef.ofArn(arnOf(wide)), 10 << 10));
    PutResult result =
        producer.put(wide, "key", large).orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS).join();
    assertThat(server.core().records(wide).get(result.shard().value()).get(0).data().remaining())
        .isEqualTo(large.length);
    assertThatThrownBy(() -> producer.put(wide, "key", new byte[10 << 20]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("10485760");
  }

  @Test
  void onAnAutoStreamNothingIsAggregatedAndKeysAreOptional() {
    server.core().call(CreateStream.onDemand(stream, RecordDistributionStrategy.AUTO));
    producer = StreamProducer.builder(kinesis).settings(settings().build()).build();
    putMany(200);
    CompletableFuture<PutResult> keyless =
        producer.put(stream, UserRecord.withoutKey("keyless".getBytes(StandardCharsets.UTF_8)));
    puts.put("keyless", keyless);
    awaitAll();
    assertEverythingStored();
    assertThat(StoredRecords.of(server.core(), stream).aggregated()).isZero();
  }

  @Test
  void deniedDescriptionLeavesRecordsUnaggregatedAndIsTold() {
    server.core().faults().on(Operation.DESCRIBE_STREAM_SUMMARY).stream(stream)
        .inject(Fault.accessDenied());
    producer = producer(settings(), 2);
    putMany(200);
    awaitAll();
    assertEverythingStored();
    assertThat(StoredRecords.of(server.core(), stream).aggregated()).isZero();
    assertThat(producer.status().streams().get(0).trouble().orElseThrow().message())
        .contains("DescribeStreamSummary");
  }

  @Test
  void streamsAreAddressedByArnAsWellAndHaveSettingsOfTheirOwn() {
    server.createStream(stream, 2);
    String arn = arnOf(stream);
    producer =
        StreamProducer.builder(kinesis)
            .settings(settings().build())
            .settingsFor(arn, s -> s.aggregation(Aggregation.OFF))
            .build();
    for (int i = 0; i < 100; i++) {
      String data = "data-" + i;
      puts.put(data, producer.put(arn, "key-" + i, data.getBytes(StandardCharsets.UTF_8)));
    }
    awaitAll();
    assertEverythingStored();
    assertThat(StoredRecords.of(server.core(), stream).aggregated()).isZero();
  }

  @Test
  void headersArriveAtOurConsumerFromAggregatesAndFromALoneRecord() throws Exception {
    producer = producer(settings(), 1);
    ConcurrentLinkedQueue<String> arrived = new ConcurrentLinkedQueue<>();
    try (StreamConsumer consumer =
        StreamConsumer.builder("headers", kinesis, new InMemoryLeaseStore()).stream(
                stream, StartAt.trimHorizon())
            .onRecord(record -> arrived.add(shown(record)))
            .build()) {
      consumer.start().get(LIMIT_SECONDS, TimeUnit.SECONDS);
      producer.put(stream, withHeader("alone", "1")).join();
      CompletableFuture<PutResult> first = producer.put(stream, withHeader("first", "2"));
      CompletableFuture<PutResult> second =
          producer.put(stream, UserRecord.of("key", "second".getBytes(StandardCharsets.UTF_8)));
      first.join();
      second.join();
      TestStream.await("all arrive", () -> arrived.size() == 3);
    }
    assertThat(arrived)
        .containsExactlyInAnyOrder("alone trace=1", "first trace=2", "second trace=none");
  }

  private static String arnOf(String name) {
    return server
        .core()
        .call(new DescribeStreamSummary(StreamRef.ofName(name)))
        .description()
        .streamArn();
  }

  private static String shown(ReceivedRecord record) {
    return StandardCharsets.UTF_8.decode(record.data())
        + " trace="
        + record.headers().text("trace").orElse("none");
  }

  private static UserRecord withHeader(String data, String trace) {
    return UserRecord.builder()
        .partitionKey("key")
        .data(data.getBytes(StandardCharsets.UTF_8))
        .header("trace", trace)
        .build();
  }
}
