package io.millrace.benchmarks.consumer.reader;

import io.millrace.consumer.ConsumerSettings;
import io.millrace.consumer.Fetching;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Takes the time from each record's put to its handler. The data of a record: 1 if it counts, else
 * 0, then the monotonic time of its put, which all processes of a machine share.
 */
public final class Latency implements Role, ShardSink, ShardSink.Factory {
  private static final Duration PATIENCE = Duration.ofSeconds(150);

  private final List<Long> micros = new ArrayList<>();
  private boolean any;
  private AutoCloseable reader = () -> {};

  private Latency() {}

  static Latency ofMillrace(Source source, String name) {
    Latency latency = new Latency();
    latency.reader =
        new MillraceReader(
            source,
            name,
            MillraceReader.Shape.RECORDS,
            name.endsWith("fan-out") ? Fetching.fanOut(name) : Fetching.polling(),
            ConsumerSettings.defaults(),
            latency);
    return latency;
  }

  static Latency ofKcl(Source source, String name) {
    Latency latency = new Latency();
    KclReader.Retrieval retrieval =
        switch (name) {
          case "kcl-fan-out" -> new KclReader.Retrieval.FanOut();
          case "kcl-polling-200" -> new KclReader.Retrieval.Polling(10_000, 200);
          default -> KclReader.Retrieval.Polling.DEFAULT;
        };
    latency.reader = new KclReader(source, name, retrieval, latency);
    return latency;
  }

  @Override
  public ShardSink forShard(String shardId) {
    return this;
  }

  @Override
  public synchronized void take(String partitionKey, ByteBuffer data) {
    long now = System.nanoTime();
    any = true;
    if (data.get(data.position()) == 1) {
      micros.add((now - data.getLong(data.position() + 1)) / 1_000);
    }
    notifyAll();
  }

  /** A record's data. */
  public static byte[] data(boolean counts, long putNanos) {
    return ByteBuffer.allocate(CannedRecords.DATA_BYTES)
        .put((byte) (counts ? 1 : 0))
        .putLong(putNanos)
        .array();
  }

  /** {@code started} waits for the first record; a number waits for so many that count. */
  @Override
  public synchronized String answer(String command) throws InterruptedException {
    boolean start = command.equals("started");
    int wanted = start ? 0 : Integer.parseInt(command);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (start ? !any : micros.size() < wanted) {
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        throw new IllegalStateException(micros.size() + " records came of " + wanted);
      }
      wait(left);
    }
    if (micros.size() > wanted && !start) {
      throw new IllegalStateException(micros.size() + " records came, " + wanted + " were put");
    }
    return micros.stream().map(String::valueOf).collect(Collectors.joining(" "));
  }

  @Override
  public void close() {
    try {
      reader.close();
    } catch (Exception e) {
      throw new IllegalStateException("a reader does not close", e);
    }
  }
}
