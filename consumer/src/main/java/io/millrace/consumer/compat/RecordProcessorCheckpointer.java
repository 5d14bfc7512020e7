package io.millrace.consumer.compat;

import io.millrace.consumer.handler.CheckpointUnavailableException;
import io.millrace.consumer.handler.Checkpointer;
import io.millrace.consumer.handler.LeaseLostException;
import io.millrace.model.Position;
import io.millrace.model.SequenceNumber;

/**
 * Checkpoints a shard: the KCL's {@code RecordProcessorCheckpointer}, without the prepared
 * checkpoints, for which {@link Checkpointer#prepare} is there.
 *
 * <p>Blocks on the lease store. Every method throws:
 *
 * <ul>
 *   <li>{@link ShutdownException} if this worker no longer owns the shard: stop
 *   <li>{@link ThrottlingException} if the store throttles, fails or does not answer: try again
 *   <li>{@link IllegalArgumentException} if the position is beyond the last delivered record or
 *       before the last checkpoint
 * </ul>
 *
 * <p>They are unchecked here. Thread-safe.
 */
public final class RecordProcessorCheckpointer {
  private final Checkpointer checkpointer;

  RecordProcessorCheckpointer(Checkpointer checkpointer) {
    this.checkpointer = checkpointer;
  }

  /** Checkpoints the last record delivered, or the end of the shard in {@code shardEnded}. */
  public void checkpoint() {
    run(checkpointer::checkpoint);
  }

  /**
   * Checkpoints a record exactly, aggregated or not. (The KCL's method of this name takes the
   * service's record, and means its first user record.)
   */
  public void checkpoint(KinesisClientRecord record) {
    run(() -> checkpointer.checkpoint(record.received().position()));
  }

  /**
   * Checkpoints the first user record of a Kinesis record, as in the KCL: the others of its
   * aggregate are delivered again.
   *
   * @param sequenceNumber in decimal digits
   */
  public void checkpoint(String sequenceNumber) {
    checkpoint(sequenceNumber, 0);
  }

  /**
   * Checkpoints one user record.
   *
   * @param sequenceNumber in decimal digits
   * @param subSequenceNumber its index in the aggregate
   */
  public void checkpoint(String sequenceNumber, long subSequenceNumber) {
    Position position = new Position(SequenceNumber.of(sequenceNumber), subSequenceNumber);
    run(() -> checkpointer.checkpoint(position));
  }

  private static void run(Runnable checkpoint) {
    try {
      checkpoint.run();
    } catch (LeaseLostException e) {
      throw new ShutdownException(e);
    } catch (CheckpointUnavailableException e) {
      throw new ThrottlingException(e);
    }
  }
}
