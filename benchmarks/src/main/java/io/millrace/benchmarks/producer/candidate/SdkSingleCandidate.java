package io.millrace.benchmarks.producer.candidate;

import java.util.concurrent.Semaphore;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.PutRecordRequest;

/** The bare SDK sending each record in a PutRecord of its own: the shortest delay there is. */
final class SdkSingleCandidate implements Candidate {
  /** Far from binding at a rate that can be kept; for the warm-up, which has none. */
  private static final int IN_FLIGHT = 100;

  private final Target target;
  private final Workload workload;
  private final KinesisAsyncClient client;
  private final Outcomes outcomes = new Outcomes();
  private final Latencies latencies = new Latencies();
  private final Semaphore window = new Semaphore(IN_FLIGHT);

  SdkSingleCandidate(Target target, Workload workload, KinesisAsyncClient client) {
    this.target = target;
    this.workload = workload;
    this.client = client;
  }

  @Override
  public long put(Task task) throws InterruptedException {
    long before = outcomes.stored();
    Pacer pacer = new Pacer(task.perSecond());
    for (long i = 0; i < task.records(); i++) {
      pacer.await();
      window.acquire();
      send(i);
    }
    outcomes.await(before + task.records());
    return task.records();
  }

  private void send(long index) {
    long putNanos = System.nanoTime();
    PutRecordRequest request =
        PutRecordRequest.builder()
            .streamName(target.stream())
            .partitionKey(workload.key(index))
            .data(SdkBytes.fromByteArrayUnsafe(workload.data(index)))
            .build();
    var unused =
        client
            .putRecord(request)
            .whenComplete(
                (response, error) -> {
                  latencies.record(System.nanoTime() - putNanos);
                  window.release();
                  outcomes.settled(1, error);
                });
  }

  @Override
  public Latencies latencies() {
    return latencies;
  }

  @Override
  public void close() {
    client.close();
  }
}
