package io.millrace.integration.producer.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.integration.endpoint.TestStream;
import io.millrace.producer.KinesisClients;
import io.millrace.producer.ProducerSettings;
import io.millrace.producer.PutFailedException;
import io.millrace.producer.PutResult;
import io.millrace.producer.StreamProducer;
import io.millrace.testkit.KinesisServer;
import io.millrace.testkit.KinesisServerSettings;
import io.millrace.testkit.kinesis.call.Operation;
import io.millrace.testkit.kinesis.fault.Fault;
import io.millrace.testkit.kinesis.fault.FaultRule;
import io.millrace.testkit.kinesis.settings.CoreSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/** An endpoint, a stream for each test, and the records that were put to it, by their payload. */
@Timeout(300)
@SuppressWarnings("FutureReturnValueIgnored") // the futures are kept in a map
abstract class ProducerOverHttp {
  /** No test waits for it unless something is wrong. */
  static final long LIMIT_SECONDS = 120;

  private static final AtomicInteger STREAMS = new AtomicInteger();

  static KinesisServer server;
  static KinesisAsyncClient kinesis;

  final String stream = "clicks-" + STREAMS.incrementAndGet();
  final Map<String, CompletableFuture<PutResult>> puts = new ConcurrentHashMap<>();
  StreamProducer producer;

  @BeforeAll
  static void start() {
    CoreSettings core = CoreSettings.builder().reshardDuration(Duration.ofMillis(50)).build();
    server = KinesisServer.start(KinesisServerSettings.builder().core(core).build());
    kinesis = KinesisClients.tune(server.clientBuilder()).build();
  }

  @AfterAll
  static void stop() {
    kinesis.close();
    server.close();
  }

  @AfterEach
  void clear() {
    server.core().faults().clear();
    server.core().failKms(null);
    if (producer != null) {
      producer.close(Duration.ZERO);
    }
  }

  /** Patient settings: on a busy machine an answer may take its time. */
  static ProducerSettings.Builder settings() {
    return ProducerSettings.builder()
        .linger(Duration.ofMillis(10))
        .requestTimeout(Duration.ofSeconds(60))
        .maxBlock(Duration.ofSeconds(LIMIT_SECONDS))
        .shardRate(100);
  }

  /** For tests in which answers are lost. */
  static ProducerSettings.Builder impatientSettings() {
    return settings().requestTimeout(Duration.ofMillis(500));
  }

  StreamProducer producer(ProducerSettings.Builder settings, int shards) {
    server.createStream(stream, shards);
    return StreamProducer.builder(kinesis).settings(settings.build()).build();
  }

  FaultRule onPuts(Fault fault) {
    return server.core().faults().on(Operation.PUT_RECORDS).stream(stream).inject(fault);
  }

  CompletableFuture<PutResult> put(String data) {
    CompletableFuture<PutResult> put =
        producer.put(stream, "key-" + data.hashCode(), data.getBytes(StandardCharsets.UTF_8));
    puts.put(data, put);
    return put;
  }

  void putMany(int count) {
    int from = puts.size();
    for (int i = 0; i < count; i++) {
      put("data-" + (from + i));
    }
  }

  void awaitAll() {
    CompletableFuture.allOf(puts.values().toArray(CompletableFuture[]::new))
        .orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS)
        .join();
  }

  /** Whatever was put is there, once or marked, and the producer holds nothing any more. */
  void assertEverythingStored() {
    Map<String, Integer> copies = StoredRecords.of(server.core(), stream).copies();
    assertThat(copies.keySet()).containsAll(puts.keySet());
    puts.forEach(
        (data, put) -> {
          if (copies.get(data) > 1) {
            assertThat(put.join().possibleDuplicate()).as("marked").isTrue();
          }
        });
    TestStream.await(
        "the producer holds nothing",
        () -> producer.status().bytes() == 0 && producer.status().records() == 0);
  }

  static PutFailedException failureOf(CompletableFuture<PutResult> put) {
    return PutFailedException.in(
            put.orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS).handle((r, f) -> f).join())
        .orElseThrow();
  }
}
