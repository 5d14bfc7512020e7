package io.millrace.consumer.handler;

import io.millrace.model.Position;
import java.util.concurrent.CompletableFuture;

/**
 * Records how far a shard is processed, in the lease table, fenced by the ownership.
 *
 * <p>A checkpoint says that everything up to and including its position is processed. It never goes
 * back, and never passes the last record delivered. A position inside an aggregate is kept exactly:
 * after {@code (s, 3)} the record {@code (s, 4)} is the first to be delivered again.
 *
 * <p>Thread-safe. The blocking methods wait for the lease store, at most for {@code
 * checkpointTimeout}. They all throw:
 *
 * <ul>
 *   <li>{@link LeaseLostException} if this worker no longer owns the shard: stop processing, throw
 *       nothing away
 *   <li>{@link CheckpointUnavailableException} if the store throttles, fails or does not answer:
 *       the checkpoint may or may not have been made; call again later, or go on and let a later
 *       checkpoint cover it
 *   <li>{@link IllegalArgumentException} if the position is beyond the last delivered record or
 *       before the last checkpoint
 * </ul>
 */
public interface Checkpointer {
  /**
   * Checkpoints the last record delivered so far, in {@link ShardProcessor#shardEnded} the end of
   * the shard.
   *
   * @throws LeaseLostException see above
   * @throws CheckpointUnavailableException see above
   */
  void checkpoint();

  /**
   * Checkpoints a position.
   *
   * @param position the position of a record that was delivered
   * @throws LeaseLostException see above
   * @throws CheckpointUnavailableException see above
   * @throws IllegalArgumentException see above
   */
  void checkpoint(Position position);

  /**
   * Checkpoints a position without blocking.
   *
   * @param position the position of a record that was delivered
   * @return completes when the checkpoint is durable, exceptionally with one of the exceptions
   *     above; on a thread of the handler pool
   */
  CompletableFuture<Void> checkpointAsync(Position position);

  /**
   * Announces a checkpoint, with state that the next owner is given in {@link ShardStart#pending()}
   * unless a checkpoint is made before: the first half of a two-phase commit with another system.
   * The checkpoint itself does not move.
   *
   * @param position the position of a record that was delivered
   * @param state bytes for the next owner, at most 100 KiB; copied
   * @throws LeaseLostException see above
   * @throws CheckpointUnavailableException see above
   * @throws IllegalArgumentException see above, or if the state is too large
   */
  void prepare(Position position, byte[] state);
}
