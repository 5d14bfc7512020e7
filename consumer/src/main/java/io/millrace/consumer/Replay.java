package io.millrace.consumer;

import io.millrace.consumer.internal.coordinate.Wiring;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/**
 * Reads a part of a stream once more, beside the live application: what arrived between two times,
 * perhaps only some shards or keys.
 *
 * <pre>{@code
 * try (Replay replay =
 *     Replay.builder("clicks-to-table-fix-17", kinesis, leases)
 *         .stream("clicks", Instant.parse("2026-11-27T08:00:00Z"), Instant.parse("2026-11-27T09:30:00Z"))
 *         .recordsPerSecond(2_000)
 *         .consumer(consumer -> consumer.onRecord(record -> table.put(record)))
 *         .build()) {
 *   ReplayProgress end = replay.run().join();
 * }
 * }</pre>
 *
 * <p>It is a fleet of its own, with leases and checkpoints under its own name: the live
 * application's are not touched, several workers may run the same replay, and a replay that was
 * stopped or crashed goes on from its checkpoints when it is started again under the same name.
 * Order and at-least-once are as for a {@link StreamConsumer}. It shares the read limits of the
 * stream's shards with all other polling consumers, and takes at most a part of them.
 *
 * <p>A replay that has finished stays finished: to replay again choose another name, or delete its
 * lease table. Thread-safe.
 */
public interface Replay extends AutoCloseable {
  /**
   * A builder.
   *
   * @param name of the replay, and of its lease table; not the live application's
   * @param kinesis never closed here
   * @param leases where leases and checkpoints are kept
   */
  static Builder builder(String name, KinesisAsyncClient kinesis, LeaseStore leases) {
    return Wiring.replay(name, kinesis, leases);
  }

  /**
   * Starts, and goes on until the whole part of the stream is processed, by this worker or its
   * peers. Does not block; a second call returns the same future.
   *
   * @return completes with the progress at the end; exceptionally if the start fails, or if this
   *     worker stops before the end. The worker has stopped then
   */
  CompletableFuture<ReplayProgress> run();

  /** How far the replay is, over all its workers, as of about two seconds ago. */
  ReplayProgress progress();

  /** How this worker does. */
  Health health();

  /**
   * Stops this worker, and keeps the checkpoints: the replay can go on later.
   *
   * @param drain how long to wait for running handlers
   * @return whether every lease was released
   */
  boolean close(Duration drain);

  /** The same as {@code close(Duration.ofSeconds(30))}. */
  @Override
  void close();

  /** Builds a {@link Replay}. Confined to one thread. */
  interface Builder {
    /**
     * What to replay. Arrival times are the service's, and approximate; within a few seconds of the
     * bounds the choice is only as exact as they are.
     *
     * @param nameOrArn the stream
     * @param from the earliest arrival time; within the stream's retention, what is older is gone
     * @param to records that arrived at this time or later are left out; may be in the future
     * @throws IllegalArgumentException if {@code to} is not after {@code from}
     */
    Builder stream(String nameOrArn, Instant from, Instant to);

    /**
     * Only these shards. Default: all. Children of a chosen shard are not chosen with it.
     *
     * @param wanted called once each time that this worker begins with a shard, on the worker's own
     *     thread: it must not block. If it throws, the shard is parked, and the reason names this
     *     setting and the exception's class. Start the replay again with one that does not, and
     *     call {@link FleetAdmin#resumeParked()}
     */
    Builder shards(Predicate<ShardId> wanted);

    /**
     * Only records with these partition keys. Default: all. The others are read and left out.
     *
     * @param wanted called once for each record of the time, on handler threads, for several shards
     *     at a time. If it throws, the shard is parked, and the reason names this setting, the
     *     exception's class and the record's position. Start the replay again with one that does
     *     not, and call {@link FleetAdmin#resumeParked()}: it goes on from its checkpoint
     */
    Builder keys(Predicate<String> wanted);

    /**
     * How many records this worker delivers per second at most. Default: no limit.
     *
     * @param records 0.1 to 1,000,000
     */
    Builder recordsPerSecond(double records);

    /**
     * Which part of the read limits of each shard (5 calls and 2 MB per second) the replay may use.
     * Default 0.5.
     *
     * @param share 0.02 to 1
     */
    Builder shareOfReadThroughput(double share);

    /**
     * Everything else: exactly one handler, and failure policy, parallelism, settings and meters as
     * wished. No stream. A shard processor can't be used, as it checkpoints by itself.
     */
    Builder consumer(UnaryOperator<StreamConsumer.Builder> settings);

    /**
     * Checks everything and builds the replay; no I/O.
     *
     * @throws IllegalArgumentException naming the setting, its value and the rule
     * @throws IllegalStateException if there is no stream, or not exactly one handler
     */
    Replay build();
  }
}
