package io.millrace.samples.deadletters;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.consumer.StartAt;
import io.millrace.consumer.StreamConsumer;
import io.millrace.consumer.failure.FailedRecordFormat;
import io.millrace.consumer.failure.FailurePolicy;
import io.millrace.consumer.failure.KinesisDestination;
import io.millrace.consumer.failure.OnFailureDestination;
import io.millrace.dynamodb.DynamoDbLeaseStore;
import io.millrace.producer.StreamProducer;
import java.time.Duration;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.sqs.SqsAsyncClient;

/**
 * Prints the numbers that arrive in a stream. What is no number is tried three times, then goes to
 * a dead-letter stream or queue, and only then counts as processed.
 */
public final class DeadLetters {
  private DeadLetters() {}

  /** STREAM, then "stream NAME", "producer NAME" or "sqs QUEUE-URL". */
  public static void main(String[] args) {
    String stream = args[0];
    try (KinesisAsyncClient kinesis = KinesisAsyncClient.create();
        DynamoDbAsyncClient dynamoDb = DynamoDbAsyncClient.create();
        StreamProducer producer = StreamProducer.builder(kinesis).build();
        SqsAsyncClient sqs = SqsAsyncClient.create()) {
      FailedRecordFormat format = FailedRecordFormat.standard();
      OnFailureDestination destination =
          switch (args[1]) {
            case "stream" -> KinesisDestination.stream(kinesis, args[2]).format(format);
            case "producer" -> new ProducerDestination(producer, args[2], format);
            case "sqs" -> new SqsDestination(sqs, args[2], format);
            default -> throw new IllegalArgumentException(args[1] + ": stream, producer or sqs");
          };
      StreamConsumer consumer =
          StreamConsumer.builder("numbers", kinesis, DynamoDbLeaseStore.create(dynamoDb)).stream(
                  stream, StartAt.trimHorizon())
              .failurePolicy(
                  FailurePolicy.builder().maximumRetryAttempts(2).onFailure(destination).build())
              .onRecord(r -> System.out.println(Long.parseLong(UTF_8.decode(r.data()).toString())))
              .closeOnShutdown(Duration.ofSeconds(10))
              .build();
      consumer.start().join();
      consumer.stopped().join();
    }
  }
}
