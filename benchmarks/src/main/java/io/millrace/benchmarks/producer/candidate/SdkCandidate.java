package io.millrace.benchmarks.producer.candidate;

import io.millrace.aggregation.AggregateEncoder;
import io.millrace.aggregation.AggregateEncoder.AddResult;
import io.millrace.aggregation.Headers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequest;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;

/**
 * The bare SDK sending requests whose aggregates were made before the measurement: what is left
 * when routing, aggregating and settling cost nothing.
 */
final class SdkCandidate implements Candidate {
  private static final int AGGREGATE_BYTES = 51_200;
  private static final int AGGREGATES_PER_REQUEST = 10;
  private static final int REQUESTS = 16;
  private static final int IN_FLIGHT = 8;

  /** A request and how many user records it holds. */
  private record Block(PutRecordsRequest request, int records) {}

  private final KinesisAsyncClient client;
  private final List<Block> blocks = new ArrayList<>();
  private final Outcomes outcomes = new Outcomes();
  private final Latencies latencies = new Latencies();
  private final Semaphore window = new Semaphore(IN_FLIGHT);

  SdkCandidate(Target target, Workload workload, KinesisAsyncClient client) {
    this.client = client;
    long next = 0;
    for (int i = 0; i < REQUESTS; i++) {
      Block block = block(target.stream(), workload, next);
      blocks.add(block);
      next += block.records();
    }
  }

  private static Block block(String stream, Workload workload, long first) {
    AggregateEncoder encoder = new AggregateEncoder(AGGREGATE_BYTES);
    List<PutRecordsRequestEntry> entries = new ArrayList<>();
    long next = first;
    for (int i = 0; i < AGGREGATES_PER_REQUEST; i++) {
      String key = workload.key(next);
      while (encoder.tryAdd(workload.key(next), null, workload.data(next), Headers.NONE)
          == AddResult.ADDED) {
        next++;
      }
      entries.add(
          PutRecordsRequestEntry.builder()
              .partitionKey(key)
              .data(SdkBytes.fromByteArrayUnsafe(encoder.finish()))
              .build());
      encoder.reset();
    }
    return new Block(
        PutRecordsRequest.builder().streamName(stream).records(entries).build(),
        (int) (next - first));
  }

  @Override
  public long put(Task task) throws InterruptedException {
    long before = outcomes.stored();
    long put = 0;
    for (int i = 0; put < task.records(); i++) {
      Block block = blocks.get(i % REQUESTS);
      window.acquire();
      send(block);
      put += block.records();
    }
    outcomes.await(before + put);
    return put;
  }

  private void send(Block block) {
    long putNanos = System.nanoTime();
    var unused =
        client
            .putRecords(block.request())
            .whenComplete(
                (response, error) -> {
                  latencies.record(System.nanoTime() - putNanos);
                  window.release();
                  outcomes.settled(
                      error == null && response.failedRecordCount() == 0 ? block.records() : 0,
                      error);
                });
  }

  /** Of requests, which is not what a record takes: it waits for its aggregate first. */
  @Override
  public Latencies latencies() {
    return latencies;
  }

  @Override
  public void close() {
    client.close();
  }
}
