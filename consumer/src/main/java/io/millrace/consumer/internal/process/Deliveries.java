package io.millrace.consumer.internal.process;

import io.millrace.aggregation.KeyHashMemory;
import io.millrace.consumer.internal.checkpoint.Ahead;
import io.millrace.consumer.lease.FencingToken;
import io.millrace.model.HashRange;
import io.millrace.model.Position;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Makes the delivery of each ownership of a worker. */
public final class Deliveries {
  private final DeliverySettings settings;
  private final HandlerRuntime runtime;
  private final KeyHashMemory keyHashes = new KeyHashMemory();

  /** Creates it with what all shards share. */
  public Deliveries(DeliverySettings settings, HandlerRuntime runtime) {
    this.settings = settings;
    this.runtime = runtime;
  }

  /** What all shards share. */
  public HandlerRuntime runtime() {
    return runtime;
  }

  /**
   * Makes a delivery.
   *
   * @param range the shard's hash keys; empty if unknown, and then no aggregate is dropped
   * @param startAfter the checkpoint that the ownership begins with
   * @param ahead what an earlier owner has acknowledged beyond it
   * @param random of this delivery alone
   */
  public Delivery create(
      UserCode userCode,
      ShardHooks hooks,
      FencingToken token,
      Optional<HashRange> range,
      Optional<Position> startAfter,
      Ahead ahead,
      RandomGenerator random) {
    DeliveredRecord.Origin origin =
        new DeliveredRecord.Origin(hooks.context().stream(), hooks.context().shard(), token);
    RecordOpener opener =
        new RecordOpener(
            origin,
            range,
            keyHashes,
            settings.policy().corruptAggregates(),
            startAfter,
            ahead,
            hooks.meters());
    return new Delivery(settings, runtime, hooks, userCode, opener, random);
  }
}
