package io.millrace.consumer.internal.shard;

/** Makes the data path of a lease. Confined to the worker loop. */
@FunctionalInterface
public interface ShardConsumerFactory {
  /**
   * Makes the consumer of a lease that was granted.
   *
   * @param shard what to read, and from where
   * @param ownership what the consumer may do in the lease table
   * @param wakeup makes the loop tick this consumer soon; callable from any thread, any number of
   *     times (they coalesce), also after the consumer's end
   */
  ShardConsumer create(LeasedShard shard, ShardOwnership ownership, Runnable wakeup);
}
