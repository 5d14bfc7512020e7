package io.millrace.samples.clicks;

import io.millrace.producer.ProducerSettings;
import io.millrace.producer.PutFailedException;
import io.millrace.producer.PutResult;
import io.millrace.producer.StreamProducer;
import io.millrace.samples.ledger.Ledger;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/** The producer of the click events, at a steady rate. */
public final class Traffic implements AutoCloseable {
  private final StreamProducer producer;
  private final Ledger ledger;
  private final Clicks clicks;
  private final String run;
  private final AtomicReference<@Nullable PutFailedException> firstFailure =
      new AtomicReference<>();

  public Traffic(KinesisAsyncClient kinesis, Ledger ledger, RandomGenerator random, String run) {
    this.producer =
        StreamProducer.builder(kinesis)
            .settings(
                ProducerSettings.builder().ordering(ProducerSettings.Ordering.PER_KEY).build())
            .build();
    this.ledger = ledger;
    this.clicks = new Clicks(random);
    this.run = run;
  }

  /** Puts so many events at this rate, and returns when each has its outcome. */
  public void put(String stream, int records, int rate) throws InterruptedException {
    long startNanos = System.nanoTime();
    for (int i = 0; i < records; i++) {
      long dueNanos = startNanos + (long) (i * 1e9 / rate);
      long aheadNanos = dueNanos - System.nanoTime();
      if (aheadNanos > 0) {
        TimeUnit.NANOSECONDS.sleep(aheadNanos);
      }
      put(stream);
    }
    producer.flush().join();
  }

  private void put(String stream) {
    int user = clicks.nextUser();
    long atMicros = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    int event = ledger.expect(user, atMicros);
    byte[] json = clicks.next(run, event, user, atMicros).toJson();
    long putNanos = System.nanoTime();
    var unused =
        producer
            .put(stream, Clicks.userName(user), json)
            .whenComplete((result, failure) -> settle(event, putNanos, result, failure));
  }

  private void settle(
      int event, long putNanos, @Nullable PutResult result, @Nullable Throwable failure) {
    if (result != null) {
      ledger.acknowledge(event, System.nanoTime() - putNanos, result.possibleDuplicate());
      return;
    }
    ledger.fail(event);
    Optional.ofNullable(failure)
        .flatMap(PutFailedException::in)
        .ifPresent(reason -> firstFailure.compareAndSet(null, reason));
  }

  /** Why the first event failed that did. */
  public Optional<PutFailedException> firstFailure() {
    return Optional.ofNullable(firstFailure.get());
  }

  @Override
  public void close() {
    producer.close();
  }
}
