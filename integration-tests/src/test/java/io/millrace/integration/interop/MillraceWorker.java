package io.millrace.integration.interop;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.millrace.consumer.ConsumerSettings;
import io.millrace.consumer.ConsumerSettings.Heartbeats;
import io.millrace.consumer.Fetching;
import io.millrace.consumer.StartAt;
import io.millrace.consumer.StreamConsumer;
import io.millrace.consumer.handler.Checkpointer;
import io.millrace.consumer.handler.ReceivedRecord;
import io.millrace.consumer.handler.RecordBatch;
import io.millrace.consumer.handler.ShardProcessor;
import io.millrace.dynamodb.DynamoDbLeaseStore;
import io.millrace.interop.peer.Delivery;
import io.millrace.interop.peer.Options;
import io.millrace.interop.peer.Report;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/**
 * A worker of ours as a program, with the arguments and commands of {@link
 * io.millrace.interop.peer.KclWorker}; {@code --heartbeats} is AUTO unless it is given.
 */
public final class MillraceWorker {
  private static final Duration DRAIN = Duration.ofSeconds(20);

  private MillraceWorker() {}

  /** Runs until it is stopped or killed. */
  public static void main(String[] args) throws IOException {
    Report report = Report.takeStandardOutput();
    ((Logger) LoggerFactory.getLogger("io.millrace")).setLevel(Level.INFO);
    Options options = new Options(args);
    StreamConsumer consumer = consumer(options, report);
    consumer.start().join();
    var unused = consumer.stopped().thenAccept(reason -> report.event("over", reason.toString()));
    report.event("started");
    Report.obey(
        command -> {
          if (command.equals("stop")) {
            report.event("stopped", Boolean.toString(consumer.close(DRAIN)));
            Runtime.getRuntime().halt(0);
          }
        });
  }

  private static StreamConsumer consumer(Options options, Report report) {
    Region region = Region.of(options.get("--region"));
    StaticCredentialsProvider anybody =
        StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test"));
    KinesisAsyncClient kinesis =
        KinesisAsyncClient.builder()
            .endpointOverride(options.uri("--kinesis"))
            .region(region)
            .credentialsProvider(anybody)
            .httpClientBuilder(NettyNioAsyncHttpClient.builder().protocol(Protocol.HTTP2))
            .build();
    DynamoDbAsyncClient dynamoDb =
        DynamoDbAsyncClient.builder()
            .endpointOverride(options.uri("--dynamodb"))
            .region(region)
            .credentialsProvider(anybody)
            .build();
    Optional<Integer> stopAfter = options.find("--stop-after").map(Integer::parseInt);
    StreamConsumer.Builder builder =
        StreamConsumer.builder(
                options.get("--application"),
                kinesis,
                DynamoDbLeaseStore.builder(dynamoDb).ownerIndex(true).build())
            .stream(
                options.get("--stream"),
                StartAt.trimHorizon(),
                options.find("--fan-out").map(Fetching::fanOut).orElseGet(Fetching::polling))
            .settings(
                ConsumerSettings.builder()
                    .workerId(options.get("--worker"))
                    .failoverTime(
                        Duration.ofMillis(Long.parseLong(options.get("--failover-millis"))))
                    .checkpointInterval(Duration.ofMillis(500))
                    .heartbeats(
                        options
                            .find("--heartbeats")
                            .map(Heartbeats::valueOf)
                            .orElse(Heartbeats.AUTO))
                    .build());
    return (stopAfter.isPresent()
            ? builder.shardProcessor(() -> new StopAfter(report, stopAfter.get()))
            : builder.onRecord(received -> report.delivered(delivery(received))))
        .build();
  }

  static Delivery delivery(ReceivedRecord received) {
    return Delivery.of(
        received.shard().value(),
        received.position().sequenceNumber().toString(),
        received.position().subSequenceNumber(),
        received.partitionKey(),
        received.explicitHashKey().map(Object::toString).orElse(""),
        received.data());
  }

  /** Checkpoints exactly after one record, and processes nothing after that. */
  private static final class StopAfter implements ShardProcessor {
    private final Report report;
    private final int last;
    private boolean stopped;

    StopAfter(Report report, int last) {
      this.report = report;
      this.last = last;
    }

    @Override
    public void records(RecordBatch batch, Checkpointer checkpointer) {
      for (ReceivedRecord received : batch.records()) {
        if (stopped) {
          return;
        }
        Delivery delivery = delivery(received);
        report.delivered(delivery);
        if (delivery.number() == last) {
          stopped = true;
          checkpointer.checkpoint(received.position());
          report.event(
              "checkpointed",
              delivery.shard(),
              delivery.sequenceNumber(),
              Long.toString(delivery.subSequenceNumber()));
        }
      }
    }
  }
}
