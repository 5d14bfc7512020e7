package io.millrace.benchmarks.consumer.reader;

import java.nio.ByteBuffer;

/** Takes the user records of one shard; called by one thread at a time. */
interface ShardSink {
  /**
   * Takes the next record.
   *
   * @param partitionKey its key
   * @param data its payload, from the position on
   */
  void take(String partitionKey, ByteBuffer data);

  /** Makes the sink of each shard. Thread-safe. */
  interface Factory {
    /**
     * The sink of a shard; the same one if the shard is started again.
     *
     * @param shardId the shard's id
     */
    ShardSink forShard(String shardId);
  }
}
