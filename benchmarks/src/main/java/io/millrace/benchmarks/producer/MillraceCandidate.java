package io.millrace.benchmarks.producer;

import io.millrace.producer.ProducerSettings;
import io.millrace.producer.PutCallback;
import io.millrace.producer.StreamProducer;
import io.millrace.producer.UserRecord;
import java.time.Duration;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/** Millrace's producer at its defaults, but for the rate of a shard. */
final class MillraceCandidate implements Candidate {
  /** The endpoint takes more than the service does. */
  private static final double UNLIMITED_RATE = 1_000_000;

  /** Retries after a time-out would count twice, and the machine may be busy. */
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(30);

  private final Target target;
  private final Workload workload;
  private final boolean futures;
  private final KinesisAsyncClient client;
  private final StreamProducer producer;
  private final Outcomes outcomes = new Outcomes();
  private final PutCallback callback = (result, failure) -> outcomes.settled(1, failure);

  /**
   * Builds a producer.
   *
   * @param futures whether each put returns a future, as the KPL's does, or has a callback
   */
  MillraceCandidate(Target target, Workload workload, boolean futures) {
    this.target = target;
    this.workload = workload;
    this.futures = futures;
    this.client = SdkClients.create(target);
    this.producer =
        StreamProducer.builder(client)
            .settings(
                ProducerSettings.builder()
                    .shardRate(UNLIMITED_RATE)
                    .requestTimeout(REQUEST_TIMEOUT)
                    .build())
            .build();
  }

  @Override
  public long put(long records) throws InterruptedException {
    long before = outcomes.stored();
    if (futures) {
      putForFutures(records);
    } else {
      putWithCallback(records);
    }
    producer.flush().join();
    outcomes.await(before + records);
    return records;
  }

  private void putForFutures(long records) {
    for (long i = 0; i < records; i++) {
      var unused =
          producer
              .put(target.stream(), workload.key(i), workload.data(i))
              .whenComplete((result, failure) -> outcomes.settled(1, failure));
    }
  }

  private void putWithCallback(long records) {
    for (long i = 0; i < records; i++) {
      producer.put(target.stream(), UserRecord.of(workload.key(i), workload.data(i)), callback);
    }
  }

  @Override
  public void close() {
    producer.close();
    client.close();
  }
}
