package io.millrace.interop.peer;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.cloudwatch.CloudWatchAsyncClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.kinesis.common.ConfigsBuilder;
import software.amazon.kinesis.common.InitialPositionInStream;
import software.amazon.kinesis.common.InitialPositionInStreamExtended;
import software.amazon.kinesis.common.KinesisClientUtil;
import software.amazon.kinesis.coordinator.CoordinatorConfig;
import software.amazon.kinesis.coordinator.Scheduler;
import software.amazon.kinesis.leases.LeaseManagementConfig;
import software.amazon.kinesis.metrics.NullMetricsFactory;
import software.amazon.kinesis.processor.SingleStreamTracker;
import software.amazon.kinesis.retrieval.RetrievalSpecificConfig;
import software.amazon.kinesis.retrieval.fanout.FanOutConfig;
import software.amazon.kinesis.retrieval.polling.PollingConfig;

/**
 * A worker of the KCL. It checkpoints after each batch, or with {@code --stop-after n} exactly
 * after record n, and processes nothing after that.
 *
 * <p>Arguments: {@code --kinesis} and {@code --dynamodb} (addresses), {@code --region}, {@code
 * --stream}, {@code --application}, {@code --worker}, {@code --failover-millis}, {@code --mode}
 * (see {@link Kcl3Settings}; {@code 2} for a KCL 2), {@code --fan-out} (name of the stream
 * consumer), {@code --stop-after}. The command {@code stop} shuts it down gracefully.
 */
public final class KclWorker {
  private static final long STOP_SECONDS = 60;

  private KclWorker() {}

  /** Runs until it is stopped or killed. */
  public static void main(String[] args) throws IOException {
    Report report = Report.takeStandardOutput();
    Options options = new Options(args);
    Scheduler scheduler = scheduler(options, report);
    Thread thread = new Thread(scheduler, "scheduler");
    thread.setDaemon(true);
    thread.start();
    report.event("started");
    Report.obey(
        command -> {
          if (command.equals("stop")) {
            stop(scheduler, report);
          }
        });
  }

  private static void stop(Scheduler scheduler, Report report) {
    try {
      boolean complete = scheduler.startGracefulShutdown().get(STOP_SECONDS, TimeUnit.SECONDS);
      report.event("stopped", Boolean.toString(complete));
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      report.event("stopped", e.toString());
    }
    Runtime.getRuntime().halt(0);
  }

  private static Scheduler scheduler(Options options, Report report) {
    Region region = Region.of(options.get("--region"));
    StaticCredentialsProvider anybody =
        StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test"));
    KinesisAsyncClient kinesis =
        KinesisClientUtil.createKinesisAsyncClient(
            KinesisAsyncClient.builder()
                .endpointOverride(options.uri("--kinesis"))
                .region(region)
                .credentialsProvider(anybody));
    DynamoDbAsyncClient dynamoDb =
        DynamoDbAsyncClient.builder()
            .endpointOverride(options.uri("--dynamodb"))
            .region(region)
            .credentialsProvider(anybody)
            .build();
    CloudWatchAsyncClient cloudWatch =
        CloudWatchAsyncClient.builder()
            .endpointOverride(options.uri("--kinesis"))
            .region(region)
            .credentialsProvider(anybody)
            .build();
    ConfigsBuilder configs =
        new ConfigsBuilder(
            new SingleStreamTracker(
                options.get("--stream"),
                InitialPositionInStreamExtended.newInitialPosition(
                    InitialPositionInStream.TRIM_HORIZON)),
            options.get("--application"),
            kinesis,
            dynamoDb,
            cloudWatch,
            options.get("--worker"),
            new KclProcessor.Factory(report, options.find("--stop-after").map(Integer::parseInt)));
    return new Scheduler(
        configs.checkpointConfig(),
        coordinator(configs, options),
        leases(configs, options),
        configs.lifecycleConfig(),
        configs.metricsConfig().metricsFactory(new NullMetricsFactory()),
        configs.processorConfig(),
        configs.retrievalConfig().retrievalSpecificConfig(retrieval(options, kinesis)));
  }

  private static RetrievalSpecificConfig retrieval(Options options, KinesisAsyncClient kinesis) {
    String stream = options.get("--stream");
    return options
        .find("--fan-out")
        .<RetrievalSpecificConfig>map(
            consumer -> new FanOutConfig(kinesis).streamName(stream).consumerName(consumer))
        .orElseGet(() -> new PollingConfig(stream, kinesis).idleTimeBetweenReadsInMillis(250));
  }

  /**
   * Deliberate: the shard sync at the start is not skipped, though that is slow. The KCL would then
   * not know its shards' hash ranges, and let aggregates pass that landed on the wrong shard. See
   * also {@link #leases}.
   */
  private static CoordinatorConfig coordinator(ConfigsBuilder configs, Options options) {
    CoordinatorConfig config =
        configs
            .coordinatorConfig()
            .parentShardPollIntervalMillis(1_000)
            .shardConsumerDispatchPollIntervalMillis(100);
    if (!isKcl2(options)) {
      Kcl3Settings.apply(config, options.get("--mode"));
    }
    return config;
  }

  /**
   * Its own defaults wait long for everything: these are short enough for a test.
   *
   * <p>Deliberate: its list of shards is never old. By default it may be half a minute older than a
   * shard, whose hash range the KCL then does not know.
   */
  private static LeaseManagementConfig leases(ConfigsBuilder configs, Options options) {
    LeaseManagementConfig config =
        configs
            .leaseManagementConfig()
            .failoverTimeMillis(Long.parseLong(options.get("--failover-millis")))
            .shardSyncIntervalMillis(2_000)
            .listShardsCacheAllowedAgeInSeconds(0);
    if (!isKcl2(options)) {
      Kcl3Settings.apply(config);
    }
    return config;
  }

  private static boolean isKcl2(Options options) {
    return options.get("--mode").equals("2");
  }
}
