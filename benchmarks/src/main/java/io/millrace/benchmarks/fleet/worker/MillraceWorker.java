package io.millrace.benchmarks.fleet.worker;

import io.millrace.consumer.ConsumerSettings;
import io.millrace.consumer.ConsumerSettings.Heartbeats;
import io.millrace.consumer.StartAt;
import io.millrace.consumer.StopReason;
import io.millrace.consumer.StreamConsumer;
import io.millrace.dynamodb.DynamoDbLeaseStore;
import java.time.Duration;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/** Millrace, closed by the JVM's shutdown hook: as a service in a container runs it. */
final class MillraceWorker implements FleetWorker {
  private static final Duration DRAIN = Duration.ofSeconds(10);

  private final StreamConsumer consumer;

  MillraceWorker(Job job, Reports reports) {
    KinesisAsyncClient kinesis =
        Clients.local(KinesisAsyncClient.builder().endpointOverride(job.kinesis())).build();
    DynamoDbAsyncClient dynamoDb =
        Clients.local(DynamoDbAsyncClient.builder().endpointOverride(job.dynamoDb())).build();
    consumer =
        StreamConsumer.builder(job.application(), kinesis, DynamoDbLeaseStore.create(dynamoDb))
            .stream(job.stream(), StartAt.trimHorizon())
            .settings(
                ConsumerSettings.builder()
                    .workerId(job.worker())
                    .heartbeats(
                        job.library() == Job.Library.MILLRACE_PER_LEASE
                            ? Heartbeats.PER_LEASE
                            : Heartbeats.AUTO)
                    .idlePollInterval(job.pollInterval())
                    .build())
            .onRecord(
                record -> reports.got(record.shard().value(), record.partitionKey(), record.data()))
            .closeOnShutdown(DRAIN)
            .build();
  }

  @Override
  public void start() {
    consumer.start().join();
  }

  @Override
  public void run() {
    StopReason reason = consumer.stopped().join();
    if (reason.kind() != StopReason.Kind.CLOSED) {
      throw new IllegalStateException("the worker stopped: " + reason.message());
    }
  }
}
