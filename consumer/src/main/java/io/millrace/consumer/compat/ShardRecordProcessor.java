package io.millrace.consumer.compat;

/**
 * The KCL's {@code software.amazon.kinesis.processor.ShardRecordProcessor}: one instance per
 * ownership of a shard, called by one thread at a time.
 *
 * <pre>
 * initialize -> processRecords* -> one of shardEnded | shutdownRequested | leaseLost
 * </pre>
 */
public interface ShardRecordProcessor {
  /** Called before the first batch; again, with backoff, if it throws. */
  void initialize(InitializationInput initializationInput);

  /**
   * Processes a batch. If it throws, the batch comes again as the consumer's failure policy says,
   * by default until it succeeds. The KCL would log the exception and skip the batch.
   */
  void processRecords(ProcessRecordsInput processRecordsInput);

  /** The lease is gone: stop, checkpoint nothing. */
  void leaseLost(LeaseLostInput leaseLostInput);

  /**
   * The last record of a closed shard was delivered. Must checkpoint: until it does, it is called
   * again with backoff, and the shard's children wait.
   */
  void shardEnded(ShardEndedInput shardEndedInput);

  /** The worker closes or hands the shard over: a last chance to checkpoint. */
  void shutdownRequested(ShutdownRequestedInput shutdownRequestedInput);
}
