package io.millrace.consumer.internal.shard;

import io.millrace.consumer.ConsumerSettings;
import io.millrace.consumer.Fetching;
import io.millrace.consumer.internal.fetch.ByteBudget;
import io.millrace.consumer.internal.fetch.FanOutRegistry;
import io.millrace.consumer.internal.fetch.FetchSettings;
import io.millrace.consumer.internal.process.CallObservations;
import io.millrace.consumer.internal.process.Deliveries;
import io.millrace.consumer.internal.process.DeliverySettings;
import io.millrace.consumer.internal.process.DuplicateWindow;
import io.millrace.consumer.internal.process.HandlerRuntime;
import io.millrace.consumer.internal.process.PauseGate;
import io.millrace.consumer.internal.process.RecordRate;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Makes the shard consumers of a worker, and holds what they share. Confined to the worker loop.
 */
public final class ShardConsumers implements ShardConsumerFactory {
  private final DataPath path;
  private final FetchSettings fetchSettings;
  private final ByteBudget budget;
  private final FanOutRegistry fanOutRegistry;
  private final Deliveries deliveries;

  /** How streams are read that an operator has switched, by ARN. */
  private final Map<String, Fetching> switched = new HashMap<>();

  /** The consumers that are not over. */
  private final Set<LeasedShardConsumer> running = new LinkedHashSet<>();

  /** Creates the factory of a worker. */
  public ShardConsumers(DataPath path) {
    ConsumerSettings settings = path.settings();
    this.path = path;
    this.fetchSettings = FetchSettings.of(settings);
    this.budget = new ByteBudget(settings.bufferBytes(), settings.concurrentFetches());
    this.fanOutRegistry = new FanOutRegistry(path.fanOut(), path.workerInbox(), newRandom());
    PauseGate gate = new PauseGate(path.policy(), path.nanoClock(), newRandom());
    this.deliveries =
        new Deliveries(
            new DeliverySettings(
                path.policy(),
                path.parallelism(),
                path.order(),
                settings.batchMaxRecords(),
                settings.batchMaxBytes(),
                Math.max(settings.maxUnacknowledgedRecords(), settings.batchMaxRecords()),
                settings.handlerTimeout(),
                path.excerpt().records(),
                settings.checkpointRecords()),
            new HandlerRuntime(
                path.handlerThreads(),
                path.nanoClock(),
                path.wallClock(),
                gate,
                path.hooks().losses(),
                DuplicateWindow.of(path.hooks().duplicates(), path.nanoClock()),
                new RecordRate(path.excerpt().recordsPerSecond()),
                new CallObservations(path.hooks().observations())));
  }

  @Override
  public ShardConsumer create(LeasedShard shard, ShardOwnership ownership, Runnable wakeup) {
    Fetching how = switched.getOrDefault(shard.stream().arn(), shard.fetching());
    LeasedShardConsumer consumer =
        new LeasedShardConsumer(this, shard.readBy(how), ownership, wakeup);
    running.add(consumer);
    return consumer;
  }

  /** A consumer is over. */
  void ended(LeasedShardConsumer consumer) {
    running.remove(consumer);
  }

  /** Reads a stream in another way from now on: the shards that are read now, and later ones. */
  public void switchTo(String streamArn, Fetching how, long nowNanos) {
    switched.put(streamArn, how);
    for (LeasedShardConsumer consumer : List.copyOf(running)) {
      if (consumer.isOf(streamArn)) {
        consumer.switchTo(how, nowNanos);
      }
    }
  }

  /** A generator of its own for each user, so that none of them needs a lock, from the one seed. */
  RandomGenerator newRandom() {
    return new SplittableRandom(path.random().nextLong());
  }

  DataPath path() {
    return path;
  }

  FetchSettings fetchSettings() {
    return fetchSettings;
  }

  ByteBudget budget() {
    return budget;
  }

  FanOutRegistry fanOutRegistry() {
    return fanOutRegistry;
  }

  Deliveries deliveries() {
    return deliveries;
  }

  /** What all shards hold of the byte budget. */
  public long heldBytes() {
    return budget.usedBytes();
  }
}
