package io.millrace.consumer.handler;

/**
 * Processes one record at a time: returning acknowledges the record, throwing has it delivered
 * again.
 *
 * <p>The records of a shard arrive in order, one after the other; with {@code parallelism(n,
 * PER_KEY)} the records of a partition key do. Calls for different shards (and, with parallelism,
 * keys) run at the same time: the handler must be thread-safe. It runs on the handler pool or on
 * the executor of your choice, and may block. Its thread is interrupted when the lease is lost and
 * when a {@code handlerTimeout} is set and over.
 *
 * <p>Delivery is at least once: after a crash, a lost lease or a lost reply of the lease store,
 * records since the last checkpoint arrive again.
 */
@FunctionalInterface
public interface RecordHandler {
  /**
   * Processes a record.
   *
   * @param record the record; its {@code data()} is valid until this method returns, a {@code
   *     copy()} for longer
   * @throws Exception if the record was not processed: it is delivered again, as the failure policy
   *     says. Errors (such as {@link OutOfMemoryError}) count like exceptions
   */
  void handle(ReceivedRecord record) throws Exception;
}
