package io.millrace.consumer.internal.process;

import io.millrace.consumer.lease.PendingCheckpoint;
import io.millrace.model.Position;
import java.util.concurrent.CompletableFuture;

/** What a shard processor asks to be written to its lease. */
public sealed interface CheckpointRequest {
  /** Completed on the worker loop when it is durable, or exceptionally. */
  CompletableFuture<Void> done();

  /**
   * A checkpoint.
   *
   * @param position up to which all is processed
   * @param done see {@link #done()}
   */
  record Commit(Position position, CompletableFuture<Void> done) implements CheckpointRequest {}

  /**
   * A prepared checkpoint.
   *
   * @param pending the checkpoint to come, and the application's state
   * @param done see {@link #done()}
   */
  record Prepare(PendingCheckpoint pending, CompletableFuture<Void> done)
      implements CheckpointRequest {}

  /**
   * The end of the shard.
   *
   * @param done see {@link #done()}
   */
  record End(CompletableFuture<Void> done) implements CheckpointRequest {}
}
