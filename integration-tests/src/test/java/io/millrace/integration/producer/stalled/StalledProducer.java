package io.millrace.integration.producer.stalled;

import io.millrace.producer.KinesisClients;
import io.millrace.producer.ProducerSettings;
import io.millrace.producer.PutFailedException;
import io.millrace.producer.PutFailure;
import io.millrace.producer.PutResult;
import io.millrace.producer.StreamProducer;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Phaser;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/**
 * Puts records of one size after the other, as fast as it can from several threads, until enough of
 * each has expired unsent; says so, waits for a line on standard input, and puts some more. For a
 * JVM of its own with little memory.
 */
public final class StalledProducer {
  static final String STREAM = "stalled";
  static final String EXPIRED = "expired";
  static final String DONE = "done";

  private static final long BUFFER_BYTES = 32L << 20;
  private static final int[] RECORD_BYTES = {10, 1_000, 100_000};
  private static final int LAST_PUTS = 200;
  private static final int THREADS = 4;

  /** About what the budget is charged for a record beside its payload. */
  private static final int CHARGED_BESIDE = 170;

  private final StreamProducer producer;
  private final long wantedBytes;
  private final AtomicLong expiredBytes = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong otherwise = new AtomicLong();
  private final AtomicLong untold = new AtomicLong();

  private StalledProducer(StreamProducer producer, long wantedBytes) {
    this.producer = producer;
    this.wantedBytes = wantedBytes;
  }

  /** Arguments: the endpoint, and how many times the budget is to expire with each record size. */
  public static void main(String[] arguments) throws IOException {
    ProducerSettings settings =
        ProducerSettings.builder()
            .bufferBytes(BUFFER_BYTES)
            .maxBlock(Duration.ofMillis(50))
            .requestTimeout(Duration.ofMillis(300))
            .deliveryTimeout(Duration.ofSeconds(1))
            .build();
    try (KinesisAsyncClient client =
            KinesisClients.tune(KinesisAsyncClient.builder())
                .endpointOverride(URI.create(arguments[0]))
                .region(Region.US_EAST_1)
                .credentialsProvider(
                    StaticCredentialsProvider.create(AwsBasicCredentials.create("none", "none")))
                .build();
        StreamProducer producer = StreamProducer.builder(client).settings(settings).build()) {
      new StalledProducer(producer, Long.parseLong(arguments[1]) * BUFFER_BYTES).run();
    }
  }

  private void run() throws IOException {
    for (int bytes : RECORD_BYTES) {
      expiredBytes.set(0);
      Phaser putting = new Phaser(1);
      for (int i = 0; i < THREADS; i++) {
        putting.register();
        new Thread(() -> putUntilEnoughHasExpired(bytes, putting), "put-" + i).start();
      }
      putting.arriveAndAwaitAdvance();
    }
    System.out.println(EXPIRED);
    int ignored = System.in.read();
    assert ignored >= 0;
    producer.flush().join();
    int storedLast = 0;
    while (storedLast < LAST_PUTS) {
      // The stream still backs off at first, for longer than a record may wait here.
      List<CompletableFuture<PutResult>> last = new ArrayList<>();
      for (int i = storedLast; i < LAST_PUTS; i++) {
        last.add(producer.put(STREAM, "key-" + i, new byte[1_000]));
      }
      storedLast += (int) last.stream().filter(StalledProducer::isStored).count();
    }
    producer.flush().join();
    System.out.printf(
        "%s untold=%d otherwise=%d outstandingBytes=%d last=%d refused=%s%n",
        DONE,
        untold.get(),
        otherwise.get(),
        producer.status().bytes(),
        storedLast,
        refused.get() > 0 ? "some" : "none");
  }

  private static boolean isStored(CompletableFuture<PutResult> put) {
    return put.handle((result, failure) -> result != null).join();
  }

  private void putUntilEnoughHasExpired(int bytes, Phaser putting) {
    byte[] data = new byte[bytes];
    for (int i = 0; expiredBytes.get() < wantedBytes; i++) {
      untold.incrementAndGet();
      var unused =
          producer
              .put(STREAM, "key-" + i % 1_000, data)
              .whenComplete((result, failure) -> settled(bytes, result, failure));
    }
    putting.arriveAndDeregister();
  }

  private void settled(int bytes, @Nullable PutResult result, @Nullable Throwable thrown) {
    untold.decrementAndGet();
    PutFailure reason = PutFailedException.in(thrown).map(PutFailedException::reason).orElse(null);
    if (reason == PutFailure.EXPIRED) {
      expiredBytes.addAndGet(bytes + CHARGED_BESIDE);
    } else if (reason == PutFailure.NO_ROOM) {
      refused.incrementAndGet();
    } else if (result == null) {
      otherwise.incrementAndGet();
    }
  }
}
