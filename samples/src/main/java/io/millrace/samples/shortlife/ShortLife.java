package io.millrace.samples.shortlife;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.producer.KinesisClients;
import io.millrace.producer.ProducerSettings;
import io.millrace.producer.PutResult;
import io.millrace.producer.StreamProducer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/**
 * A producer where the process is frozen between events, as in AWS Lambda: made once, flushed
 * before each return, with a deadline; never closed, and nothing of it keeps the JVM alive.
 */
public final class ShortLife {
  private static final StreamProducer PRODUCER =
      StreamProducer.builder(KinesisClients.tune(KinesisAsyncClient.builder()).build())
          // The event waits for the records anyway, so nothing is gained by outliving it.
          .settings(
              ProducerSettings.builder()
                  .linger(Duration.ZERO)
                  .deliveryTimeout(Duration.ofSeconds(10))
                  .build())
          .build();

  private ShortLife() {}

  /**
   * Handles one event.
   *
   * @param left how long the handler may still take
   * @return how many records are not known to be stored: the caller lets the event be tried again
   */
  static long handle(String stream, int event, Duration left) {
    List<CompletableFuture<PutResult>> puts = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      puts.add(PRODUCER.put(stream, "user-" + i, (event + ":" + i).getBytes(UTF_8)));
    }
    PRODUCER.flush().completeOnTimeout(null, left.toMillis(), TimeUnit.MILLISECONDS).join();
    return puts.stream().filter(put -> !put.isDone() || put.isCompletedExceptionally()).count();
  }

  public static void main(String[] args) {
    for (int event = 1; event <= 3; event++) {
      long missing = handle(args[0], event, Duration.ofSeconds(10));
      System.out.println("event " + event + ": " + missing + " records missing");
    }
  }
}
