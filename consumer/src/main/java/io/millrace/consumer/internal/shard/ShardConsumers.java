package io.millrace.consumer.internal.shard;

import io.millrace.consumer.ConsumerSettings;
import io.millrace.consumer.internal.fetch.ByteBudget;
import io.millrace.consumer.internal.fetch.FanOutRegistry;
import io.millrace.consumer.internal.fetch.FetchSettings;
import io.millrace.consumer.internal.process.Deliveries;
import io.millrace.consumer.internal.process.DeliverySettings;
import io.millrace.consumer.internal.process.HandlerRuntime;
import io.millrace.consumer.internal.process.PauseGate;
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
                settings.checkpointRecords()),
            new HandlerRuntime(path.handlerThreads(), path.nanoClock(), path.wallClock(), gate));
  }

  @Override
  public ShardConsumer create(LeasedShard shard, ShardOwnership ownership, Runnable wakeup) {
    return new LeasedShardConsumer(this, shard, ownership, wakeup);
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
