package io.millrace.benchmarks.producer.candidate;

import io.millrace.producer.ProducerSettings;
import io.millrace.producer.PutCallback;
import io.millrace.producer.StreamProducer;
import io.millrace.producer.UserRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/** Millrace's producer under all the loads of {@link Scenario}, in turn in one JVM. */
final class ScaleCandidate implements Candidate {
  /** A pace kept record by record would cost more than the records. */
  private static final int BURST = 1_000;

  /** Holds a full aggregate of each of 4,096 shards, with what its records cost beside. */
  private static final long ROOMY_BUFFER_BYTES = 768L << 20;

  /** Longer than a round: an aggregate leaves when it is full. */
  private static final Duration ROOMY_LINGER = Duration.ofSeconds(60);

  private final Workload workload;
  private final KinesisAsyncClient client;
  private final Map<Scenario, StreamProducer> producers = new EnumMap<>(Scenario.class);
  private final Outcomes outcomes = new Outcomes();
  private final Latencies latencies = new Latencies();
  private final PutCallback counted = (result, failure) -> outcomes.settled(1, failure);

  ScaleCandidate(Target target, Workload workload) {
    this.workload = workload;
    this.client = SdkClients.atDefaults(target);
  }

  @Override
  public long put(Task task) throws InterruptedException {
    Scenario scenario = Scenario.valueOf(task.scenario());
    StreamProducer producer =
        producers.computeIfAbsent(
            scenario, s -> StreamProducer.builder(client).settings(settingsOf(s)).build());
    long before = outcomes.stored();
    int threads = scenario.threads();
    long each = task.records() / threads;
    List<Thread> putting = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      long first = i * each;
      String stream = scenario.streams().get(i % scenario.streams().size());
      Puts puts = new Puts(producer, stream, !scenario.isRoomy(), task.perSecond());
      putting.add(new Thread(() -> puts.put(first, each), "put-" + i));
    }
    putting.forEach(Thread::start);
    for (Thread thread : putting) {
      thread.join();
    }
    producer.flush().join();
    outcomes.await(before + threads * each);
    return threads * each;
  }

  /** Millions of futures at once would be the collector's benchmark: roomy ones have callbacks. */
  private static ProducerSettings settingsOf(Scenario scenario) {
    ProducerSettings.Builder settings = MillraceSettings.builder();
    return scenario.isRoomy()
        ? settings.bufferBytes(ROOMY_BUFFER_BYTES).linger(ROOMY_LINGER).build()
        : settings.build();
  }

  /** What one thread does. */
  private final class Puts {
    private final StreamProducer producer;
    private final String stream;
    private final boolean futures;
    private final Pacer pacer;

    Puts(StreamProducer producer, String stream, boolean futures, int perSecond) {
      this.producer = producer;
      this.stream = stream;
      this.futures = futures;
      this.pacer = new Pacer(perSecond / BURST);
    }

    void put(long first, long records) {
      for (long i = first; i < first + records; i++) {
        if (i % BURST == 0) {
          pacer.await();
        }
        if (futures) {
          var unused =
              producer.put(stream, workload.key(i), workload.data(i)).whenComplete(outcomes);
        } else {
          producer.put(stream, UserRecord.of(workload.key(i), workload.data(i)), counted);
        }
      }
    }
  }

  /** None is taken. */
  @Override
  public Latencies latencies() {
    return latencies;
  }

  @Override
  public void close() {
    producers.values().forEach(StreamProducer::close);
    client.close();
  }
}
