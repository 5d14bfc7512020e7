package io.millrace.samples.tail;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.consumer.StartAt;
import io.millrace.consumer.StreamConsumer;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.dynamodb.DynamoDbLeaseStore;
import java.time.Duration;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/** The smallest consumer: prints what arrives. Start it twice, and the two share the shards. */
public final class Tail {
  private Tail() {}

  public static void main(String[] args) {
    String stream = args[0];
    try (KinesisAsyncClient kinesis = KinesisAsyncClient.create();
        DynamoDbAsyncClient dynamoDb = DynamoDbAsyncClient.create()) {
      LeaseStore leases = DynamoDbLeaseStore.create(dynamoDb);
      StreamConsumer consumer =
          StreamConsumer.builder("tail", kinesis, leases).stream(stream, StartAt.latest())
              .onRecord(r -> System.out.println(r.partitionKey() + " " + UTF_8.decode(r.data())))
              .closeOnShutdown(Duration.ofSeconds(10))
              .build();
      consumer.start().join();
      consumer.stopped().join();
    }
  }
}
