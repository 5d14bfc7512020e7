package io.millrace.integration.badinput;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.consumer.StartAt;
import io.millrace.consumer.StreamConsumer;
import io.millrace.consumer.failure.FailurePolicy;
import io.millrace.consumer.lease.InMemoryLeaseStore;
import io.millrace.integration.endpoint.TestStream;
import io.millrace.producer.ProducerSettings;
import io.millrace.producer.PutFailedException;
import io.millrace.producer.StreamProducer;
import io.millrace.producer.UserRecord;
import io.millrace.testkit.kinesis.call.Operation;
import io.millrace.testkit.kinesis.fault.Fault;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/** Nothing that users put in, and no credential, comes out where operators and others read. */
class CanaryTest extends BadInput {
  private static final String CANARY = "CANARY7d1f";
  private static final String[] SPELLINGS = {
    CANARY,
    Base64.getEncoder().encodeToString(CANARY.getBytes(StandardCharsets.US_ASCII)),
    hex(CANARY),
    bytes(CANARY)
  };

  private final Queue<String> seen = new ConcurrentLinkedQueue<>();
  private final AppenderBase<ILoggingEvent> recorder = new Recorder();
  private final Logger library = (Logger) LoggerFactory.getLogger("io.millrace");
  private Level levelBefore;

  @BeforeEach
  void recordEverything() {
    levelBefore = library.getLevel();
    library.setLevel(Level.TRACE);
    library.setAdditive(false);
    recorder.setContext(library.getLoggerContext());
    recorder.start();
    library.addAppender(recorder);
  }

  @AfterEach
  void recordNoLonger() {
    library.detachAppender(recorder);
    library.setLevel(levelBefore);
    library.setAdditive(true);
  }

  @Test
  void nothingSecretIsInLogsMessagesOrMetrics() throws Exception {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    KinesisAsyncClient kinesis =
        closing(
            server
                .clientBuilder()
                .credentialsProvider(
                    StaticCredentialsProvider.create(
                        AwsBasicCredentials.create("AKIA" + CANARY, "secret-" + CANARY)))
                .build());
    StreamProducer producer =
        closing(
            StreamProducer.builder(kinesis)
                .meterRegistry(registry)
                .settings(
                    ProducerSettings.builder()
                        .deliveryTimeout(Duration.ofSeconds(2))
                        .requestTimeout(Duration.ofMillis(500))
                        .build())
                .build());

    try (StreamProducer patient = StreamProducer.builder(kinesis).meterRegistry(registry).build()) {
      storeSome(patient);
    }
    processWithFailures(kinesis, registry);
    refuseAtTheDoor(producer);
    failEveryWay(producer);

    for (Meter meter : registry.getMeters()) {
      seen.add(meter.getId() + " " + meter.measure());
    }
    seen.add(producer.toString());
    seen.add(producer.status().toString());
    assertThat(seen).as("something was recorded").hasSizeGreaterThan(20);
    for (String text : seen) {
      for (String spelling : SPELLINGS) {
        assertThat(text).doesNotContainIgnoringCase(spelling);
      }
    }
  }

  private static UserRecord secret(int number) {
    return UserRecord.builder()
        .partitionKey("key-" + CANARY + number)
        .data(secretBytes(number))
        .header("trace", "header-" + CANARY)
        .build();
  }

  private static byte[] secretBytes(int number) {
    return ("payload-" + CANARY + number).getBytes(StandardCharsets.US_ASCII);
  }

  private void storeSome(StreamProducer producer) throws Exception {
    for (int i = 0; i < 50; i++) {
      var result = producer.put("clicks", secret(i));
      if (i == 49) {
        seen.add(result.get(SOON.toSeconds(), TimeUnit.SECONDS).toString());
      }
    }
    producer.flush().get(SOON.toSeconds(), TimeUnit.SECONDS);
  }

  private void processWithFailures(KinesisAsyncClient kinesis, SimpleMeterRegistry registry)
      throws Exception {
    AtomicInteger handled = new AtomicInteger();
    server.core().faults().on(Operation.GET_RECORDS).times(5).inject(Fault.internalFailure());
    try (StreamConsumer consumer =
        StreamConsumer.builder("canary", kinesis, new InMemoryLeaseStore()).stream(
                "clicks", StartAt.trimHorizon())
            .meterRegistry(registry)
            .onRecord(
                received -> {
                  seen.add(received.toString());
                  if (received.attempt() == 1) {
                    throw new IllegalStateException("handler failed");
                  }
                  if (handled.incrementAndGet() % 10 == 0) {
                    throw new IllegalStateException("and again");
                  }
                })
            .failurePolicy(
                FailurePolicy.builder()
                    .maximumRetryAttempts(2)
                    .backoff(Duration.ofMillis(10), Duration.ofMillis(20))
                    .onFailure(
                        failed -> {
                          seen.add(failed.toString());
                          return CompletableFuture.completedFuture(null);
                        })
                    .build())
            .build()) {
      consumer.start().get(SOON.toSeconds(), TimeUnit.SECONDS);
      TestStream.await("50 records handled", () -> handled.get() >= 50);
      seen.add(consumer.toString());
      seen.add(consumer.health().toString());
      seen.add(consumer.shards().toString());
    }
  }

  private void refuseAtTheDoor(StreamProducer producer) {
    record(() -> producer.put("clicks", CANARY.repeat(30), secretBytes(0)));
    record(
        () ->
            producer.put(
                "clicks",
                UserRecord.builder()
                    .partitionKey("key-" + CANARY)
                    .data(secretBytes(0))
                    .explicitHashKey(CANARY)
                    .build()));
    byte[] tooLarge = new byte[11 << 20];
    System.arraycopy(secretBytes(0), 0, tooLarge, 0, secretBytes(0).length);
    record(() -> producer.put("clicks", "key-" + CANARY, tooLarge));
  }

  private void failEveryWay(StreamProducer producer) throws Exception {
    for (Fault fault :
        List.of(
            Fault.internalFailure(),
            Fault.throttle(),
            Fault.accessDenied(),
            Fault.expiredCredentials(),
            Fault.reset(),
            Fault.lostReply())) {
      var rule = server.core().faults().on(Operation.PUT_RECORDS).inject(fault);
      List<CompletableFuture<?>> puts = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        puts.add(producer.put("clicks", secret(i)));
      }
      for (CompletableFuture<?> put : puts) {
        record(
            () -> {
              try {
                put.get(SOON.toSeconds(), TimeUnit.SECONDS);
              } catch (Exception e) {
                PutFailedException.in(e)
                    .ifPresent(
                        failure ->
                            seen.add(failure.attempts() + " " + failure.record().orElseThrow()));
                throw e;
              }
            });
      }
      rule.cancel();
    }
  }

  private void record(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    try {
      call.call();
    } catch (Throwable failure) {
      StringWriter trace = new StringWriter();
      failure.printStackTrace(new PrintWriter(trace));
      seen.add(trace.toString());
    }
  }

  private static String hex(String text) {
    StringBuilder hex = new StringBuilder();
    for (byte b : text.getBytes(StandardCharsets.US_ASCII)) {
      hex.append("%02x".formatted(b));
    }
    return hex.toString();
  }

  private static String bytes(String text) {
    String array = java.util.Arrays.toString(text.getBytes(StandardCharsets.US_ASCII));
    return array.substring(1, array.length() - 1);
  }

  private final class Recorder extends AppenderBase<ILoggingEvent> {
    @Override
    protected void append(ILoggingEvent event) {
      IThrowableProxy thrown = event.getThrowableProxy();
      seen.add(
          event.getFormattedMessage()
              + " "
              + event.getMDCPropertyMap()
              + " "
              + event.getThreadName()
              + (thrown == null ? "" : ThrowableProxyUtil.asString(thrown)));
    }
  }
}
