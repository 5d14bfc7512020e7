package io.millrace.benchmarks.consumer.reader;

import io.millrace.consumer.KeyOrder;
import io.millrace.consumer.StartAt;
import io.millrace.consumer.StreamConsumer;
import io.millrace.consumer.handler.ReceivedRecord;
import io.millrace.consumer.lease.InMemoryLeaseStore;
import io.millrace.model.Position;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/** A handler that waits for something else, on one shard: how many calls a second. */
final class ParallelHandlers implements Role {
  private static final Duration HANDLER_TIME = Duration.ofMillis(10);
  private static final Duration WARM_UP = Duration.ofSeconds(3);
  private static final Duration MEASURED = Duration.ofSeconds(10);

  private final Source source;
  private final KinesisAsyncClient kinesis;

  ParallelHandlers(Source source) {
    this.source = source;
    this.kinesis = Clients.kinesis(source);
  }

  /** Checks the order of each key, and that no two of its records are handled at a time. */
  private static final class Handler {
    private final Map<String, Position> last = new ConcurrentHashMap<>();
    private final Map<String, Boolean> running = new ConcurrentHashMap<>();
    private final LongAdder handled = new LongAdder();
    private final LongAdder violations = new LongAdder();

    void handle(ReceivedRecord received) throws InterruptedException {
      String key = received.partitionKey();
      if (running.put(key, true) != null) {
        violations.increment();
      }
      Position before = last.put(key, received.position());
      if (before != null && before.compareTo(received.position()) >= 0) {
        violations.increment();
      }
      Thread.sleep(HANDLER_TIME.toMillis());
      running.remove(key);
      handled.increment();
    }
  }

  /**
   * Takes a parallelism; the records a second.
   *
   * @throws IllegalStateException if the order of a key was broken
   */
  @Override
  public String answer(String command) throws InterruptedException {
    Handler handler = new Handler();
    try (StreamConsumer consumer =
        StreamConsumer.builder("millrace-parallel", kinesis, new InMemoryLeaseStore()).stream(
                source.stream(), StartAt.trimHorizon())
            .onRecord(handler::handle)
            .parallelism(Integer.parseInt(command), KeyOrder.PER_KEY)
            .build()) {
      consumer.start().join();
      Thread.sleep(WARM_UP.toMillis());
      long before = handler.handled.sum();
      long start = System.nanoTime();
      Thread.sleep(MEASURED.toMillis());
      long handled = handler.handled.sum() - before;
      double perSecond = handled * 1e9 / (System.nanoTime() - start);
      if (handler.violations.sum() > 0) {
        throw new IllegalStateException(handler.violations.sum() + " records broke their order");
      }
      return String.valueOf(perSecond);
    }
  }

  @Override
  public void close() {
    kinesis.close();
  }
}
