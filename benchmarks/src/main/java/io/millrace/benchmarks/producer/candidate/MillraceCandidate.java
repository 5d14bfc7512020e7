package io.millrace.benchmarks.producer.candidate;

import io.millrace.producer.ProducerSettings;
import io.millrace.producer.PutCallback;
import io.millrace.producer.PutResult;
import io.millrace.producer.StreamProducer;
import io.millrace.producer.UserRecord;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/** Millrace's producer at its defaults, but for the rate of a shard and what a name says. */
final class MillraceCandidate implements Candidate {
  private final Target target;
  private final Workload workload;
  private final boolean futures;
  private final KinesisAsyncClient client;
  private final StreamProducer producer;
  private final Outcomes outcomes = new Outcomes();
  private final Latencies latencies = new Latencies();
  private final PutCallback counted = (result, failure) -> outcomes.settled(1, failure);

  private MillraceCandidate(
      Target target,
      Workload workload,
      KinesisAsyncClient client,
      boolean futures,
      ProducerSettings settings) {
    this.target = target;
    this.workload = workload;
    this.futures = futures;
    this.client = client;
    this.producer = StreamProducer.builder(client).settings(settings).build();
  }

  /** Each put returns a future, as the KPL's does. */
  static MillraceCandidate withFutures(
      Target target, Workload workload, KinesisAsyncClient client) {
    return new MillraceCandidate(
        target, workload, client, true, MillraceSettings.builder().build());
  }

  /** Each put has a callback. */
  static MillraceCandidate withCallbacks(
      Target target, Workload workload, KinesisAsyncClient client) {
    return new MillraceCandidate(
        target, workload, client, false, MillraceSettings.builder().build());
  }

  /** For the shortest delay, with futures. */
  static MillraceCandidate withoutLinger(
      Target target, Workload workload, KinesisAsyncClient client) {
    return new MillraceCandidate(
        target, workload, client, true, MillraceSettings.builder().linger(Duration.ZERO).build());
  }

  @Override
  public long put(Task task) throws InterruptedException {
    long before = outcomes.stored();
    Pacer pacer = new Pacer(task.perSecond());
    for (long i = 0; i < task.records(); i++) {
      pacer.await();
      if (futures) {
        putForFuture(i, Latencies.isSampled(task, i));
      } else {
        producer.put(
            target.stream(),
            UserRecord.of(workload.key(i), workload.data(i)),
            Latencies.isSampled(task, i) ? timed() : counted);
      }
    }
    producer.flush().join();
    outcomes.await(before + task.records());
    return task.records();
  }

  private void putForFuture(long index, boolean timed) {
    long putNanos = timed ? System.nanoTime() : 0;
    CompletableFuture<PutResult> put =
        producer.put(target.stream(), workload.key(index), workload.data(index));
    var unused =
        timed
            ? put.whenComplete((result, failure) -> settled(putNanos, failure))
            : put.whenComplete(outcomes);
  }

  private PutCallback timed() {
    long putNanos = System.nanoTime();
    return (result, failure) -> settled(putNanos, failure);
  }

  private void settled(long putNanos, @Nullable Throwable failure) {
    latencies.record(System.nanoTime() - putNanos);
    outcomes.settled(1, failure);
  }

  @Override
  public Latencies latencies() {
    return latencies;
  }

  @Override
  public void close() {
    producer.close();
    client.close();
  }
}
