package io.millrace.benchmarks.consumer.reader;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.cloudwatch.CloudWatchAsyncClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.kinesis.common.ConfigsBuilder;
import software.amazon.kinesis.common.InitialPositionInStream;
import software.amazon.kinesis.common.InitialPositionInStreamExtended;
import software.amazon.kinesis.coordinator.Scheduler;
import software.amazon.kinesis.exceptions.InvalidStateException;
import software.amazon.kinesis.exceptions.ShutdownException;
import software.amazon.kinesis.lifecycle.events.InitializationInput;
import software.amazon.kinesis.lifecycle.events.LeaseLostInput;
import software.amazon.kinesis.lifecycle.events.ProcessRecordsInput;
import software.amazon.kinesis.lifecycle.events.ShardEndedInput;
import software.amazon.kinesis.lifecycle.events.ShutdownRequestedInput;
import software.amazon.kinesis.metrics.NullMetricsFactory;
import software.amazon.kinesis.processor.ShardRecordProcessor;
import software.amazon.kinesis.processor.SingleStreamTracker;
import software.amazon.kinesis.retrieval.KinesisClientRecord;
import software.amazon.kinesis.retrieval.RetrievalSpecificConfig;
import software.amazon.kinesis.retrieval.fanout.FanOutConfig;
import software.amazon.kinesis.retrieval.polling.PollingConfig;

/** The KCL at its defaults, but for its metrics, which are off, and what the caller changes. */
final class KclReader implements AutoCloseable {
  /** As often as Millrace writes at most while records keep coming. */
  private static final long CHECKPOINT_NANOS = Duration.ofSeconds(1).toNanos();

  private final KinesisAsyncClient kinesis;
  private final DynamoDbAsyncClient dynamoDb;
  private final CloudWatchAsyncClient cloudWatch;

  /** How it reads. */
  sealed interface Retrieval {
    /**
     * By GetRecords.
     *
     * @param maxRecords Kinesis records of one read
     * @param idleMillis between two reads of a shard; 200 is the least it takes
     */
    record Polling(int maxRecords, long idleMillis) implements Retrieval {
      /** Its own defaults. */
      static final Polling DEFAULT = new Polling(10_000, 1_500);
    }

    /** By SubscribeToShard. */
    record FanOut() implements Retrieval {}
  }

  KclReader(Source source, String application, Retrieval retrieval, ShardSink.Factory sinks) {
    kinesis = Clients.kinesis(source);
    dynamoDb = Clients.dynamoDb(source);
    cloudWatch = Clients.cloudWatch();
    ConfigsBuilder configs =
        new ConfigsBuilder(
            new SingleStreamTracker(
                source.stream(),
                InitialPositionInStreamExtended.newInitialPosition(
                    InitialPositionInStream.TRIM_HORIZON)),
            application,
            kinesis,
            dynamoDb,
            cloudWatch,
            application + "-worker",
            () -> new Processor(sinks));
    Scheduler scheduler =
        new Scheduler(
            configs.checkpointConfig(),
            configs.coordinatorConfig(),
            configs.leaseManagementConfig(),
            configs.lifecycleConfig(),
            configs.metricsConfig().metricsFactory(new NullMetricsFactory()),
            configs.processorConfig(),
            configs
                .retrievalConfig()
                .retrievalSpecificConfig(specific(source, application, retrieval)));
    Thread thread = new Thread(scheduler, "kcl-scheduler");
    thread.setDaemon(true);
    thread.start();
  }

  private RetrievalSpecificConfig specific(Source source, String application, Retrieval retrieval) {
    if (retrieval instanceof Retrieval.Polling polling) {
      return new PollingConfig(source.stream(), kinesis)
          .maxRecords(polling.maxRecords())
          .idleTimeBetweenReadsInMillis(polling.idleMillis());
    }
    return new FanOutConfig(kinesis).streamName(source.stream()).applicationName(application);
  }

  /** Leaves it to the end of the process: a graceful end takes longer than any measurement. */
  @Override
  public void close() {
    kinesis.close();
    dynamoDb.close();
    cloudWatch.close();
  }

  /** The processor of one shard. */
  private static final class Processor implements ShardRecordProcessor {
    private final ShardSink.Factory sinks;
    private @Nullable ShardSink sink;
    private long checkpointNanos;

    Processor(ShardSink.Factory sinks) {
      this.sinks = sinks;
    }

    @Override
    public void initialize(InitializationInput input) {
      sink = sinks.forShard(input.shardId());
      checkpointNanos = System.nanoTime();
    }

    @Override
    public void processRecords(ProcessRecordsInput input) {
      ShardSink target = Objects.requireNonNull(sink);
      for (KinesisClientRecord received : input.records()) {
        target.take(received.partitionKey(), received.data());
      }
      long now = System.nanoTime();
      if (now - checkpointNanos >= CHECKPOINT_NANOS) {
        checkpointNanos = now;
        try {
          input.checkpointer().checkpoint();
        } catch (InvalidStateException | ShutdownException e) {
          throw new IllegalStateException("the KCL lost a lease while it was measured", e);
        }
      }
    }

    @Override
    public void leaseLost(LeaseLostInput input) {}

    @Override
    public void shardEnded(ShardEndedInput input) {}

    @Override
    public void shutdownRequested(ShutdownRequestedInput input) {}
  }
}
