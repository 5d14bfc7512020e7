package io.millrace.consumer.internal.shard;

import io.millrace.consumer.internal.fetch.ChildShard;
import io.millrace.model.Position;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * What the owner of a lease may do with it; implemented by coordination, one instance per
 * ownership. Confined to the worker loop, but for {@link #mayDeliver} and {@link #isHeldBack}. At
 * most one of the writes below is in flight at a time.
 */
public interface ShardOwnership {
  /**
   * Whether records may be handed to user code now: the self-fence. Thread-safe and cheap (a
   * volatile deadline).
   */
  boolean mayDeliver(long nowNanos);

  /**
   * Whether {@link #mayDeliver} is false at any time: the lease is lost, or its fence was put down.
   * Thread-safe, and asks no clock.
   */
  boolean isHeldBack();

  /**
   * Writes a checkpoint, fenced. Clears what was prepared.
   *
   * @param position everything up to and including it is processed
   * @param arrival the arrival time of the record at that position, if known
   * @param ahead what is acknowledged beyond it; may be empty
   * @return completes on the loop
   */
  CompletionStage<CheckpointOutcome> checkpoint(
      Position position, Optional<Instant> arrival, byte[] ahead, long nowNanos);

  /**
   * Writes a prepared checkpoint with application state, fenced; the checkpoint itself does not
   * move.
   *
   * @return completes on the loop
   */
  CompletionStage<CheckpointOutcome> prepare(Position position, byte[] state, long nowNanos);

  /**
   * The fetcher has seen the end of the shard, and these are its children; called before anything
   * of the end is processed, so that their lease rows exist early. May be empty (a child still in
   * creation): discovery finds them.
   */
  void childrenFound(List<ChildShard> children, long nowNanos);

  /**
   * The shard is about to end though it may be open: a replay has read what it wants, and no child
   * can hold any of it.
   */
  void endsEarly();

  /**
   * Every record is processed and the processor has accepted the end: writes SHARD_END and starts
   * the children.
   *
   * @return completes on the loop
   */
  CompletionStage<CheckpointOutcome> ended(long nowNanos);

  /**
   * The failure policy stopped the shard: the lease is kept, marked as parked. The consumer stays,
   * in state PARKED, until it is drained or loses the lease; a resumed shard gets a new consumer.
   *
   * @param reason why; no record content
   * @param attempts how often the failing record was delivered
   */
  void parked(String reason, int attempts, long nowNanos);
}
