package io.millrace.samples.exactly;

import io.millrace.consumer.KeyOrder;
import io.millrace.consumer.StartAt;
import io.millrace.consumer.StreamConsumer;
import io.millrace.dynamodb.DynamoDbLeaseStore;
import java.time.Duration;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/** Counts the clicks of a stream by user, each once, through restarts, crashes and reshards. */
public final class CountClicks {
  private CountClicks() {}

  /** STREAM and TABLE. */
  public static void main(String[] args) {
    try (KinesisAsyncClient kinesis = KinesisAsyncClient.create();
        DynamoDbAsyncClient dynamoDb = DynamoDbAsyncClient.create()) {
      ClickCounts counts = new ClickCounts(dynamoDb, args[1]);
      counts.createTable();
      StreamConsumer consumer =
          StreamConsumer.builder("count-clicks", kinesis, DynamoDbLeaseStore.create(dynamoDb))
              .stream(args[0], StartAt.trimHorizon())
              .parallelism(16, KeyOrder.PER_KEY)
              .onRecord(counts::count)
              .closeOnShutdown(Duration.ofSeconds(10))
              .build();
      consumer.start().join();
      consumer.stopped().join();
    }
  }
}
