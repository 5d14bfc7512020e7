package io.millrace.consumer.internal.shard;

import io.millrace.consumer.ShardState;
import io.millrace.consumer.ShardStatus;

/**
 * The data path of one held lease, from grant to end. Confined to the worker loop.
 *
 * <p>The loop calls {@link #tick} once after creation, again when the returned time is over, and
 * after every {@code wakeup} of this consumer. It stops ticking when {@link #state()} is final; the
 * consumer then holds nothing.
 */
public interface ShardConsumer {
  /**
   * Works without blocking; returns nanos until it next has something to do without being woken.
   */
  long tick(long nowNanos);

  /**
   * Stops fetching and delivering, lets running user code finish, makes the last checkpoint; then
   * the state is {@link ShardState#STOPPED}, or {@link ShardState#SHARD_ENDED} if that was about to
   * happen. Idempotent; without effect in a final state.
   */
  void drain(long nowNanos);

  /**
   * Stops at once and checkpoints nothing: the state is {@link ShardState#LEASE_LOST} on return.
   * User code that still runs is interrupted, and what it returns is ignored. Idempotent; without
   * effect in a final state.
   */
  void leaseLost(long nowNanos);

  /**
   * Where the lease is in its life; never {@link ShardState#WAITING_FOR_PARENTS}, as no consumer
   * exists then.
   */
  ShardState state();

  /** What an operator sees. */
  ShardStatus status(long nowNanos);

  /**
   * Bytes of user and Kinesis records acknowledged per second, averaged over about a minute; the
   * lease's weight.
   */
  double bytesPerSecond(long nowNanos);
}
