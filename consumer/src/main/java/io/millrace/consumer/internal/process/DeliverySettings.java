package io.millrace.consumer.internal.process;

import io.millrace.consumer.KeyOrder;
import io.millrace.consumer.failure.FailurePolicy;
import io.millrace.consumer.handler.ReceivedRecord;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * How the records of every shard of a worker are delivered. Immutable.
 *
 * @param policy what happens when user code fails
 * @param parallelism how many calls may run at a time per shard
 * @param order which of them
 * @param batchMaxRecords the most records of a batch
 * @param batchMaxBytes the most payload bytes of a batch of more than one record
 * @param maxUnacknowledgedRecords the most user records of a shard behind its watermark
 * @param handlerTimeout how long a call may take
 * @param records only these are delivered; the others count as processed
 * @param checkpointRecords the loop is woken after so many acknowledgements
 */
public record DeliverySettings(
    FailurePolicy policy,
    int parallelism,
    KeyOrder order,
    int batchMaxRecords,
    long batchMaxBytes,
    int maxUnacknowledgedRecords,
    Optional<Duration> handlerTimeout,
    Optional<Predicate<ReceivedRecord>> records,
    int checkpointRecords) {

  /** Records that a record handler is given one after the other without asking the order again. */
  private static final int RUN_LENGTH = 64;

  DeliveryOrder newOrder(boolean batches) {
    boolean inOrder = parallelism == 1;
    DeliveryOrder.Unit unit =
        batches
            ? new DeliveryOrder.Unit(true, batchMaxRecords, batchMaxBytes)
            : new DeliveryOrder.Unit(false, inOrder ? RUN_LENGTH : 1, Long.MAX_VALUE);
    if (inOrder) {
      return new DeliveryOrder.ShardOrder(unit);
    }
    return switch (order) {
      case PER_KEY -> new DeliveryOrder.KeyOrdered(unit);
      case UNORDERED -> new DeliveryOrder.NoOrder(unit);
    };
  }

  /** How many user records are opened at a time. */
  int openingLength(boolean batches) {
    return batches ? Math.max(RUN_LENGTH, batchMaxRecords) : RUN_LENGTH;
  }
}
