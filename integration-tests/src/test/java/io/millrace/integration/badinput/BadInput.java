package io.millrace.integration.badinput;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.Fetching;
import io.millrace.consumer.StartAt;
import io.millrace.consumer.StreamConsumer;
import io.millrace.consumer.lease.InMemoryLeaseStore;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.producer.ProducerSettings;
import io.millrace.producer.PutFailedException;
import io.millrace.producer.StreamProducer;
import io.millrace.producer.UserRecord;
import io.millrace.testkit.KinesisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/** What the tests of mistakes share: an endpoint of their own, and the first error that comes. */
abstract class BadInput {
  /** The first error must come within this time. */
  static final Duration SOON = Duration.ofSeconds(90);

  final KinesisServer server = KinesisServer.start();
  private final List<AutoCloseable> open = new ArrayList<>();

  @BeforeEach
  void createStream() {
    server.createStream("clicks", 2);
  }

  @AfterEach
  void closeAll() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
    server.close();
  }

  <T extends AutoCloseable> T closing(T resource) {
    open.add(resource);
    return resource;
  }

  KinesisAsyncClient client() {
    return closing(server.newClient());
  }

  StreamProducer producer(KinesisAsyncClient kinesis) {
    return producer(kinesis, ProducerSettings.builder());
  }

  StreamProducer producer(KinesisAsyncClient kinesis, ProducerSettings.Builder settings) {
    return closing(StreamProducer.builder(kinesis).settings(settings.build()).build());
  }

  StreamConsumer consumer(KinesisAsyncClient kinesis, String stream) {
    return consumer(kinesis, stream, new InMemoryLeaseStore());
  }

  StreamConsumer consumer(KinesisAsyncClient kinesis, String stream, LeaseStore leases) {
    return consumer(kinesis, stream, leases, Fetching.polling());
  }

  StreamConsumer consumer(
      KinesisAsyncClient kinesis, String stream, LeaseStore leases, Fetching how) {
    return closing(
        StreamConsumer.builder("clicks-reader", kinesis, leases).stream(
                stream, StartAt.trimHorizon(), how)
            .onRecord(received -> {})
            .build());
  }

  /** The exception that a put's future completes with. */
  static PutFailedException putError(StreamProducer producer, String stream)
      throws InterruptedException, TimeoutException {
    Throwable failure =
        failure(
            producer.put(stream, UserRecord.of("key", new byte[] {1})).thenApply(result -> null));
    return PutFailedException.in(failure).orElseThrow(() -> new AssertionError(failure));
  }

  /** The exception that {@code start()} completes with; the consumer has stopped by then. */
  static Throwable startError(StreamConsumer consumer)
      throws InterruptedException, TimeoutException, ExecutionException {
    Throwable failure = failure(consumer.start());
    assertThat(consumer.stopped().get(SOON.toSeconds(), TimeUnit.SECONDS).kind())
        .isEqualTo(io.millrace.consumer.StopReason.Kind.START_FAILED);
    return failure;
  }

  private static Throwable failure(CompletableFuture<Void> future)
      throws InterruptedException, TimeoutException {
    try {
      future.get(SOON.toSeconds(), TimeUnit.SECONDS);
      throw new AssertionError("no error came");
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      while (cause instanceof CompletionException && cause.getCause() != null) {
        cause = cause.getCause();
      }
      return cause;
    }
  }
}
