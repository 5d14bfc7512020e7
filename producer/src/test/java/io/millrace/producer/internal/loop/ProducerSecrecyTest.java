package io.millrace.producer.internal.loop;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.producer.ProducerSettings;
import io.millrace.producer.PutResult;
import io.millrace.producer.UserRecord;
import io.millrace.producer.internal.loop.FakeKinesis.PutCall;
import io.millrace.producer.internal.send.PutRecordsReply;
import io.millrace.producer.internal.send.ServiceFailure.Kind;
import io.millrace.producer.internal.settle.CallbackPool;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whatever fails, keys, payloads and headers are in no log, message, text or metric. */
@SuppressWarnings("FutureReturnValueIgnored") // kept in a list
class ProducerSecrecyTest {
  private static final String CANARY = "canary";

  private final CapturedLog log = new CapturedLog(Level.TRACE);

  @AfterEach
  void stop() {
    log.close();
  }

  @Test
  void nothingShowsContent() {
    List<Function<PutCall, CompletableFuture<PutRecordsReply>>> faults = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      faults.add(call -> call.fail(kind, "SomeException"));
    }
    faults.add(PutCall::neverAnswer);
    faults.add(call -> call.store(e -> "InternalFailure"));
    faults.add(call -> call.store(e -> "SomeUnknownCode"));
    faults.add(
        call -> {
          throw new IllegalStateException("a broken port");
        });
    faults.add(PutCall::store);
    for (var fault : faults) {
      fail(fault);
    }
    assertThat(log.events()).isNotEmpty();
    for (ILoggingEvent event : log.events()) {
      assertThat(event.getFormattedMessage()).doesNotContain(CANARY);
      assertThat(String.valueOf(event.getThrowableProxy())).doesNotContain(CANARY);
    }
  }

  private static void fail(Function<PutCall, CompletableFuture<PutRecordsReply>> fault) {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    FakeKinesis kinesis = new FakeKinesis(1);
    kinesis.onPut = fault;
    ProducerSettings settings =
        ProducerSettings.builder()
            .deliveryTimeout(Duration.ofSeconds(3))
            .requestTimeout(Duration.ofSeconds(1))
            .build();
    Queue<Runnable> callbacks = new ArrayDeque<>();
    ProducerCore producer =
        new ProducerCore(
            new ProducerConfig(settings, Map.of(), List.of()),
            kinesis,
            new CallbackPool(callbacks::add, 1, Thread::new),
            meters,
            new SplittableRandom(1));
    UserRecord record =
        UserRecord.builder()
            .partitionKey(CANARY)
            .data(CANARY.getBytes(StandardCharsets.UTF_8))
            .header(CANARY, CANARY)
            .build();
    List<CompletableFuture<PutResult>> futures = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      futures.add(producer.tryPut("clicks", record).orElseThrow());
    }
    long now = 0;
    for (int i = 0; i < 1_000; i++) {
      now += Duration.ofMillis(10).toNanos();
      kinesis.runDue(now);
      producer.loop().tick(now);
      while (!callbacks.isEmpty()) {
        callbacks.poll().run();
      }
      if (i == 500) {
        producer.loop().close(0, true);
      }
    }
    for (CompletableFuture<PutResult> future : futures) {
      assertThat(future).isDone();
      String told =
          future
              .handle((result, failure) -> failure == null ? result.toString() : trace(failure))
              .join();
      assertThat(told).doesNotContain(CANARY);
    }
    assertThat(producer.status().toString() + settings).doesNotContain(CANARY);
    for (Meter meter : meters.getMeters()) {
      assertThat(meter.getId().toString()).doesNotContain(CANARY);
    }
    assertThat(record.toString()).doesNotContain(CANARY);
  }

  private static String trace(Throwable failure) {
    StringWriter text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text, true));
    return text.toString();
  }
}
