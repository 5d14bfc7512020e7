package io.millrace.samples.fleet;

import io.millrace.consumer.ConsumerSettings;
import io.millrace.consumer.Fetching;
import io.millrace.consumer.KeyOrder;
import io.millrace.consumer.ShardStatus;
import io.millrace.consumer.StartAt;
import io.millrace.consumer.StreamConsumer;
import io.millrace.consumer.handler.ReceivedRecord;
import io.millrace.consumer.lease.FencingToken;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.samples.clicks.ClickEvent;
import io.millrace.samples.ledger.Ledger.Ownership;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/** One worker of the fleet: tells the parent of each event that its handler ran for. */
public final class Worker implements AutoCloseable {
  /** Short, so that the demonstration needn't wait long after the kill. The default is 10 s. */
  public static final Duration FAILOVER_TIME = Duration.ofSeconds(5);

  /** Short, so that few events come again after the kill. The default is 5 s. */
  private static final Duration CHECKPOINT_INTERVAL = Duration.ofSeconds(1);

  public static final Duration DRAIN = Duration.ofSeconds(15);

  private final Job job;
  private final Reports reports;
  private final StreamConsumer consumer;

  /**
   * What a worker is to do.
   *
   * @param worker its id in the fleet
   * @param run events of other runs are passed over
   * @param fromTheStart whether to read the stream from its oldest record, or from now on
   * @param parallelism handlers at a time per shard, in order per key
   */
  public record Job(
      String worker,
      String application,
      String stream,
      String run,
      boolean fromTheStart,
      boolean fanOut,
      int parallelism) {}

  public Worker(Job job, KinesisAsyncClient kinesis, LeaseStore leases, Reports reports) {
    this.job = job;
    this.reports = reports;
    this.consumer =
        StreamConsumer.builder(job.application(), kinesis, leases).stream(
                job.stream(),
                job.fromTheStart() ? StartAt.trimHorizon() : StartAt.latest(),
                job.fanOut() ? Fetching.fanOut(job.application()) : Fetching.polling())
            .onRecord(this::handle)
            .closeOnShutdown(DRAIN)
            .parallelism(job.parallelism(), KeyOrder.PER_KEY)
            .settings(
                ConsumerSettings.builder()
                    .workerId(job.worker())
                    .failoverTime(FAILOVER_TIME)
                    .checkpointInterval(CHECKPOINT_INTERVAL)
                    .build())
            .build();
  }

  public void start() {
    var unused =
        consumer
            .start()
            .whenComplete(
                (started, failure) -> {
                  if (failure == null) {
                    reports.ready();
                  } else {
                    reports.failed(Reason.of(failure));
                  }
                });
  }

  public void tellHoldings() {
    List<String> shards =
        consumer.shards().stream()
            .filter(status -> !status.state().isFinal())
            .map(ShardStatus::shard)
            .map(shard -> shard.value())
            .toList();
    reports.holds(shards);
  }

  @Override
  public void close() {
    consumer.close(DRAIN);
  }

  private void handle(ReceivedRecord record) {
    long atMicros = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    ClickEvent click;
    try {
      click = ClickEvent.fromJson(record.data());
    } catch (IOException notAClick) {
      return; // Somebody else's record in a stream that was given.
    }
    if (click.run().equals(job.run())) {
      FencingToken token = record.fencingToken();
      reports.delivered(
          click.id(),
          new Ownership(
              job.worker(),
              record.shard().value(),
              token.tableGeneration() + "." + token.counter()),
          atMicros);
    }
  }
}
