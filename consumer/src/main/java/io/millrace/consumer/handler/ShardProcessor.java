package io.millrace.consumer.handler;

/**
 * Processes one shard with the KCL's lifecycle, and checkpoints by itself.
 *
 * <pre>
 * initialize -> records* -> one of shardEnded | shutdownRequested | leaseLost
 * </pre>
 *
 * <p>One instance serves one ownership of one shard, and is called by one thread at a time (not
 * always the same one, with a happens-before edge between calls). Nothing is checkpointed but
 * through the {@link Checkpointer}. A failed call is repeated: {@code records} as the failure
 * policy says, the others with backoff until they succeed or the lease goes.
 */
public interface ShardProcessor {
  /**
   * Called once before the first batch; again, with backoff, if it throws.
   *
   * @param start where the processing of the shard starts
   * @throws Exception if the processor is not ready
   */
  default void initialize(ShardStart start) throws Exception {}

  /**
   * Processes the next records. Returning means that they need not be delivered again during this
   * ownership; it checkpoints nothing.
   *
   * @param batch at least one record, in order
   * @param checkpointer checkpoints up to the last record of this batch; usable after the call, and
   *     on any thread
   * @throws Exception if the batch must be delivered again
   */
  void records(RecordBatch batch, Checkpointer checkpointer) throws Exception;

  /**
   * The shard is closed and its last record was delivered. The call must checkpoint, or throw:
   * children of the shard start only after it, and it is repeated with backoff until it does.
   *
   * @param checkpointer {@link Checkpointer#checkpoint()} records the end of the shard
   * @throws Exception if the end must be reported again
   */
  default void shardEnded(Checkpointer checkpointer) throws Exception {
    checkpointer.checkpoint();
  }

  /**
   * The worker closes or hands the shard over; no batch follows. A last chance to checkpoint;
   * called once.
   *
   * @param checkpointer checkpoints up to the last record delivered
   * @throws Exception logged; the lease is released anyway
   */
  default void shutdownRequested(Checkpointer checkpointer) throws Exception {}

  /**
   * The lease is gone, and perhaps another worker reads the shard already: stop, checkpoint
   * nothing. Called after a running call has returned.
   */
  default void leaseLost() {}
}
