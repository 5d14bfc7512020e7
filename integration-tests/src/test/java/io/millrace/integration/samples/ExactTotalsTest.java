package io.millrace.integration.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.ConsumerSettings;
import io.millrace.consumer.KeyOrder;
import io.millrace.consumer.StartAt;
import io.millrace.consumer.StreamConsumer;
import io.millrace.consumer.failure.FailurePolicy;
import io.millrace.dynamodb.DynamoDbLeaseStore;
import io.millrace.integration.dynamodb.DynamoDbClients;
import io.millrace.integration.endpoint.TestStream;
import io.millrace.samples.exactly.ClickCounts;
import io.millrace.testkit.KinesisServer;
import io.millrace.testkit.dynamodb.DynamoDbLocal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/**
 * The sample {@code exactly} while everything happens to it: handlers that fail after their effect,
 * workers that go without a word while their handlers still run, reshards. The totals are exact.
 */
class ExactTotalsTest {
  private static final int USERS = 30;
  private static final int CLICKS = 1_500;

  private final SplittableRandom dice = new SplittableRandom(5);
  private final AtomicInteger handled = new AtomicInteger();
  private final List<StreamConsumer> workers = new ArrayList<>();

  private synchronized boolean happens(int percent) {
    return dice.nextInt(100) < percent;
  }

  private StreamConsumer worker(
      KinesisAsyncClient kinesis, DynamoDbAsyncClient dynamoDb, ClickCounts counts) {
    StreamConsumer worker =
        StreamConsumer.builder("exact", kinesis, DynamoDbLeaseStore.create(dynamoDb)).stream(
                "clicks", StartAt.trimHorizon())
            .settings(
                ConsumerSettings.builder()
                    .failoverTime(Duration.ofSeconds(8))
                    .checkpointInterval(Duration.ofSeconds(1))
                    .build())
            .failurePolicy(
                FailurePolicy.builder()
                    .backoff(Duration.ofMillis(1), Duration.ofMillis(50))
                    .build())
            .parallelism(4, KeyOrder.PER_KEY)
            .onRecord(
                record -> {
                  counts.count(record);
                  handled.incrementAndGet();
                  if (happens(3)) {
                    throw new IllegalStateException("after the effect");
                  }
                })
            .build();
    TestStream.get(worker.start());
    workers.add(worker);
    return worker;
  }

  @Test
  void totalsAreExactThroughFailuresAbruptEndsAndReshards() throws Exception {
    try (KinesisServer server = KinesisServer.start();
        DynamoDbLocal local = DynamoDbLocal.start();
        KinesisAsyncClient kinesis = server.newClient();
        DynamoDbAsyncClient dynamoDb = DynamoDbClients.local(local)) {
      server.createStream("clicks", 2);
      ClickCounts counts = new ClickCounts(dynamoDb, "click-counts");
      counts.createTable();
      worker(kinesis, dynamoDb, counts);
      StreamConsumer leaver = worker(kinesis, dynamoDb, counts);
      for (int click = 0; click < CLICKS; click++) {
        put(kinesis, "user-" + click % USERS);
        if (click == CLICKS / 4) {
          server.core().scale("clicks", 4);
        } else if (click == CLICKS / 2) {
          leaver.close(Duration.ZERO);
          worker(kinesis, dynamoDb, counts);
        } else if (click == CLICKS * 3 / 4) {
          server.core().scale("clicks", 3);
        }
      }
      TestStream.await(
          "every click",
          Duration.ofMinutes(3),
          () ->
              handled.get() > CLICKS
                  && IntStream.range(0, USERS)
                          .mapToLong(user -> counts.clicksOf("user-" + user))
                          .sum()
                      >= CLICKS);
      workers.forEach(worker -> worker.close(Duration.ofSeconds(5)));
      for (int user = 0; user < USERS; user++) {
        assertThat(counts.clicksOf("user-" + user)).isEqualTo(CLICKS / USERS);
      }
    }
  }

  private static void put(KinesisAsyncClient kinesis, String user) {
    TestStream.get(
        kinesis.putRecord(
            put ->
                put.streamName("clicks")
                    .partitionKey(user)
                    .data(SdkBytes.fromUtf8String("click"))));
  }
}
