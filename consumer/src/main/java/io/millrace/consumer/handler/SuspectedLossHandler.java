package io.millrace.consumer.handler;

/**
 * Is told when records may have left a stream before they were read.
 *
 * <p>Called on the handler pool or the executor of your choice, before the next record of the shard
 * is delivered, for several shards at a time: it must be thread-safe. While the retention overtakes
 * a slow consumer for good, it is called about once a minute and shard, each time with the range
 * since the last one. After a restart the same loss may be told again.
 */
@FunctionalInterface
public interface SuspectedLossHandler {
  /**
   * Records may be lost.
   *
   * @param loss where and when
   * @throws Exception if it must be told again: with backoff, and the shard's records wait for it
   */
  void lossSuspected(SuspectedLoss loss) throws Exception;
}
