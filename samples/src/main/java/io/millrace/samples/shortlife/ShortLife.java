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
  private final StreamProducer producer;

  private ShortLife(Duration perEvent) {
    // The event waits for the records anyway, so nothing is gained by outliving it.
    this.producer =
        StreamProducer.builder(KinesisClients.tune(KinesisAsyncClient.builder()).build())
            .settings(
                ProducerSettings.builder().linger(Duration.ZERO).deliveryTimeout(perEvent).build())
            .build();
  }

  /**
   * Handles one event.
   *
   * @param left how long the handler may still take
   * @return how many records are not known to be stored: the caller lets the event be tried again
   */
  long handle(String stream, int event, Duration left) {
    List<CompletableFuture<PutResult>> puts = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      puts.add(producer.put(stream, "user-" + i, (event + ":" + i).getBytes(UTF_8)));
    }
    producer.flush().completeOnTimeout(null, left.toMillis(), TimeUnit.MILLISECONDS).join();
    return puts.stream().filter(put -> !put.isDone() || put.isCompletedExceptionally()).count();
  }

  /** Handles three events; arguments: the stream, and the seconds for each event (default 10). */
  public static void main(String[] args) {
    Duration perEvent = Duration.ofSeconds(args.length > 1 ? Long.parseLong(args[1]) : 10);
    ShortLife function = new ShortLife(perEvent);
    for (int event = 1; event <= 3; event++) {
      long missing = function.handle(args[0], event, perEvent);
      System.out.println("event " + event + ": " + missing + " records missing");
    }
  }
}
