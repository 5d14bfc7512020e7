package io.millrace.benchmarks.fleet.worker;

import java.time.Duration;
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
import software.amazon.kinesis.processor.RecordProcessorCheckpointer;
import software.amazon.kinesis.processor.ShardRecordProcessor;
import software.amazon.kinesis.processor.SingleStreamTracker;
import software.amazon.kinesis.retrieval.polling.PollingConfig;

/** The KCL at its defaults, but for polling, its interval, and metrics, which are off. */
final class KclWorker implements FleetWorker {
  /** As often as Millrace does by default. */
  private static final long CHECKPOINT_NANOS = Duration.ofSeconds(5).toNanos();

  private final Scheduler scheduler;

  KclWorker(Job job, Reports reports) {
    KinesisAsyncClient kinesis =
        Clients.local(KinesisAsyncClient.builder().endpointOverride(job.kinesis())).build();
    DynamoDbAsyncClient dynamoDb =
        Clients.local(DynamoDbAsyncClient.builder().endpointOverride(job.dynamoDb())).build();
    // Nothing is published: where it leads to does not matter.
    CloudWatchAsyncClient cloudWatch =
        Clients.local(CloudWatchAsyncClient.builder().endpointOverride(job.kinesis())).build();
    ConfigsBuilder configs =
        new ConfigsBuilder(
            new SingleStreamTracker(
                job.stream(),
                InitialPositionInStreamExtended.newInitialPosition(
                    InitialPositionInStream.TRIM_HORIZON)),
            job.application(),
            kinesis,
            dynamoDb,
            cloudWatch,
            job.worker(),
            () -> new Processor(reports));
    scheduler =
        new Scheduler(
            configs.checkpointConfig(),
            configs.coordinatorConfig(),
            configs.leaseManagementConfig(),
            configs.lifecycleConfig(),
            configs.metricsConfig().metricsFactory(new NullMetricsFactory()),
            configs.processorConfig(),
            configs
                .retrievalConfig()
                .retrievalSpecificConfig(
                    new PollingConfig(job.stream(), kinesis)
                        .idleTimeBetweenReadsInMillis(job.pollInterval().toMillis())));
  }

  @Override
  public void start() {}

  @Override
  public void run() {
    scheduler.run();
  }

  /** The processor of one shard. */
  private static final class Processor implements ShardRecordProcessor {
    private final Reports reports;
    private String shard = "";
    private long checkpointNanos = System.nanoTime();

    Processor(Reports reports) {
      this.reports = reports;
    }

    @Override
    public void initialize(InitializationInput input) {
      shard = input.shardId();
    }

    @Override
    public void processRecords(ProcessRecordsInput input) {
      input.records().forEach(record -> reports.got(shard, record.partitionKey(), record.data()));
      if (System.nanoTime() - checkpointNanos >= CHECKPOINT_NANOS) {
        checkpointNanos = System.nanoTime();
        checkpoint(input.checkpointer());
      }
    }

    private static void checkpoint(RecordProcessorCheckpointer checkpointer) {
      try {
        checkpointer.checkpoint();
      } catch (InvalidStateException | ShutdownException e) {
        // The lease is somebody else's now, who repeats the records.
        System.err.println("checkpoint: " + e);
      }
    }

    @Override
    public void leaseLost(LeaseLostInput input) {}

    @Override
    public void shardEnded(ShardEndedInput input) {
      checkpoint(input.checkpointer());
    }

    @Override
    public void shutdownRequested(ShutdownRequestedInput input) {
      checkpoint(input.checkpointer());
    }
  }
}
