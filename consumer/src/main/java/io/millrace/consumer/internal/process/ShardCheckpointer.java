package io.millrace.consumer.internal.process;

import io.millrace.consumer.handler.CheckpointUnavailableException;
import io.millrace.consumer.handler.Checkpointer;
import io.millrace.consumer.handler.LeaseLostException;
import io.millrace.consumer.lease.Checkpoint;
import io.millrace.consumer.lease.PendingCheckpoint;
import io.millrace.model.Position;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The checkpointer of one ownership: checks positions where the application calls, and posts
 * requests to the worker loop, which answers them.
 *
 * <p>Thread-safe: positions are volatile, and only move forward.
 */
public final class ShardCheckpointer implements Checkpointer {
  private static final int MAX_STATE_BYTES = 100 * 1024;

  private final ShardId shard;
  private final Duration timeout;
  private final Executor handlerThreads;
  private final Consumer<CheckpointRequest> toLoop;

  private volatile @Nullable Position delivered;
  private volatile @Nullable Position checkpointed;
  private volatile boolean atEnd;

  /**
   * Creates the checkpointer.
   *
   * @param timeout how long a blocking call waits
   * @param handlerThreads where stages that the application sees are completed
   * @param start the checkpoint that the ownership began with, or null
   * @param toLoop takes requests, from any thread
   */
  public ShardCheckpointer(
      ShardId shard,
      Duration timeout,
      Executor handlerThreads,
      @Nullable Position start,
      Consumer<CheckpointRequest> toLoop) {
    this.shard = shard;
    this.timeout = timeout;
    this.handlerThreads = handlerThreads;
    this.checkpointed = start;
    this.toLoop = toLoop;
  }

  /** A record is about to be delivered: positions up to it may be checkpointed. */
  void delivered(Position position) {
    Position before = delivered;
    if (before == null || position.compareTo(before) > 0) {
      delivered = position;
    }
  }

  /** The end of the shard is reported: {@link #checkpoint()} now means the end. */
  public void reachedEnd() {
    atEnd = true;
  }

  /** A checkpoint is durable. */
  public void checkpointed(Position position) {
    checkpointed = position;
  }

  /** The last checkpoint known to be durable. */
  public Optional<Position> lastCheckpoint() {
    return Optional.ofNullable(checkpointed);
  }

  @Override
  public void checkpoint() {
    if (atEnd) {
      await(post(new CheckpointRequest.End(new CompletableFuture<>())));
      return;
    }
    Position position = delivered;
    if (position != null && !position.equals(checkpointed)) {
      checkpoint(position);
    }
  }

  @Override
  public void checkpoint(Position position) {
    check(position);
    await(post(new CheckpointRequest.Commit(position, new CompletableFuture<>())));
  }

  @Override
  public CompletableFuture<Void> checkpointAsync(Position position) {
    check(position);
    return post(new CheckpointRequest.Commit(position, new CompletableFuture<>()))
        .thenRunAsync(() -> {}, handlerThreads);
  }

  @Override
  public void prepare(Position position, byte[] state) {
    check(position);
    if (state.length > MAX_STATE_BYTES) {
      throw new IllegalArgumentException(
          "state of " + state.length + " bytes: must be at most " + MAX_STATE_BYTES);
    }
    PendingCheckpoint pending = new PendingCheckpoint(Checkpoint.at(position), state);
    await(post(new CheckpointRequest.Prepare(pending, new CompletableFuture<>())));
  }

  private void check(Position position) {
    Position last = checkpointed;
    if (last != null && position.compareTo(last) < 0) {
      throw new IllegalArgumentException(
          "checkpoint " + position + ": must not be before the last checkpoint " + last);
    }
    Position limit = delivered;
    if (limit == null || position.compareTo(limit) > 0) {
      throw new IllegalArgumentException(
          "checkpoint " + position + ": must not be beyond the last delivered record " + limit);
    }
  }

  private CompletableFuture<Void> post(CheckpointRequest request) {
    toLoop.accept(request);
    return request.done();
  }

  private void await(CompletableFuture<Void> done) {
    try {
      done.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new CheckpointUnavailableException(
          "no answer for the checkpoint of " + shard + " within " + timeout);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CheckpointUnavailableException("interrupted while checkpointing " + shard);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof LeaseLostException) {
        throw new LeaseLostException(shard);
      }
      if (cause instanceof CheckpointUnavailableException) {
        throw new CheckpointUnavailableException(String.valueOf(cause.getMessage()));
      }
      throw new CompletionException(cause);
    }
  }
}
