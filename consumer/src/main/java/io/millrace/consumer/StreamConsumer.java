package io.millrace.consumer;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import io.millrace.consumer.failure.FailurePolicy;
import io.millrace.consumer.handler.AsyncRecordHandler;
import io.millrace.consumer.handler.BatchHandler;
import io.millrace.consumer.handler.DuplicateFilter;
import io.millrace.consumer.handler.RecordHandler;
import io.millrace.consumer.handler.ShardProcessor;
import io.millrace.consumer.handler.SuspectedLossHandler;
import io.millrace.consumer.internal.coordinate.Wiring;
import io.millrace.consumer.lease.LeaseStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/**
 * One worker of a fleet that reads streams together. Workers with the same application name and
 * lease store share the shards among them, follow splits and merges, and take over from each other.
 *
 * <pre>{@code
 * try (StreamConsumer consumer =
 *     StreamConsumer.builder("clicks-to-table", kinesis, leases)
 *         .stream("clicks", StartAt.trimHorizon())
 *         .onRecord(record -> table.add(record.partitionKey(), record.data()))
 *         .build()) {
 *   consumer.start().join();
 *   consumer.stopped().join();
 * }
 * }</pre>
 *
 * <p>Delivery is at least once and in order: per shard, or per key with {@code parallelism(n,
 * PER_KEY)}, across reshards too. A record is never skipped unless the failure policy says so.
 * Thread-safe.
 */
public interface StreamConsumer extends AutoCloseable {
  /**
   * A builder.
   *
   * @param application the name of the application: names its lease table. All workers with the
   *     same name share the work
   * @param kinesis the client, built by the application and never closed here; {@link
   *     KinesisClients#tune} prepares one
   * @param leases where leases and checkpoints are kept
   */
  static Builder builder(String application, KinesisAsyncClient kinesis, LeaseStore leases) {
    return Wiring.builder(application, kinesis, leases);
  }

  /**
   * Starts the worker: checks streams, permissions and lease table, and registers. Does not block.
   *
   * @return completes when the worker is registered, which does not mean that it holds a lease;
   *     exceptionally, within seconds, with one error that says what to do, and the worker has
   *     stopped. A second call returns the same future
   */
  CompletableFuture<Void> start();

  /** Completes when the worker has stopped, for whatever reason; never exceptionally. */
  CompletableFuture<StopReason> stopped();

  /** How the worker does, for liveness and readiness probes. Cheap. */
  Health health();

  /**
   * How each lease of this worker did at most half a second ago. Once {@link #removeStream} has
   * completed, the leases of that stream are no longer among them. Cheap.
   */
  List<ShardStatus> shards();

  /**
   * Reads a stream in another way from now on, shards that this worker takes later included:
   * without a gap, and without repeating what was read. For this worker until it stops; tell each
   * worker of the fleet, and the builder for the next start.
   *
   * @param stream the name or ARN of the stream, as given to the builder
   * @param how polling or enhanced fan-out
   * @return completes when the shards are switched; exceptionally with an {@link
   *     IllegalStateException} if this worker does not read the stream, or does not run
   */
  CompletableFuture<Void> fetch(String stream, Fetching how);

  /**
   * What an operator does to the whole fleet. It works through the lease store, also when this
   * worker has not started or has stopped.
   */
  FleetAdmin admin();

  /**
   * Reads one more stream; of a consumer that was built with {@link Builder#manyStreams()} or for
   * several streams, and is started. Each worker of the fleet has to be told: a stream is shared by
   * the workers that read it.
   *
   * @param nameOrArn see {@link Builder#stream(String, StartAt, Fetching)}
   * @param startAt where its shards are first read from; ignored once they have a lease
   * @param how polling or enhanced fan-out
   * @return completes when the stream is read; exceptionally with one error that says what to do
   * @throws IllegalArgumentException if the name or ARN is malformed
   */
  CompletableFuture<Void> addStream(String nameOrArn, StartAt startAt, Fetching how);

  /**
   * Reads a stream no more: what is acknowledged is checkpointed, and its leases are released. They
   * stay in the table, so that whoever reads the stream goes on from there; {@link
   * FleetAdmin#deleteLeases} removes them once nobody does.
   *
   * @param nameOrArn as it was given
   * @return completes when this worker holds no lease of the stream; exceptionally with an {@link
   *     IllegalStateException} if it is not read
   */
  CompletableFuture<Void> removeStream(String nameOrArn);

  /**
   * Stops: no record is delivered any more, running handlers may finish, what is acknowledged is
   * checkpointed, and every lease is released so that other workers go on within about a second.
   * Handlers that still run at the end of {@code drain} are interrupted; their records are
   * delivered again elsewhere. Idempotent, and may be called from a handler, where it does not wait
   * and returns false.
   *
   * @param drain how long to wait at most; zero releases nothing that is not free at once
   * @return whether every lease was released
   */
  boolean close(Duration drain);

  /**
   * The same as {@code close(Duration.ofSeconds(30))}, with one warning if not every lease was
   * released.
   */
  @Override
  void close();

  /** Builds a {@link StreamConsumer}. Confined to one thread. */
  interface Builder {
    /** A stream to read by polling: see {@link #stream(String, StartAt, Fetching)}. */
    Builder stream(String nameOrArn, StartAt startAt);

    /**
     * A stream to read; may be called for several streams.
     *
     * @param nameOrArn the name of a stream of the client's account and region, or an ARN
     * @param startAt where its shards are first read from; ignored once they have a lease
     * @param how polling or enhanced fan-out
     * @throws IllegalArgumentException if the name or ARN is malformed, or was given before
     */
    Builder stream(String nameOrArn, StartAt startAt, Fetching how);

    /**
     * Says that the application may read any number of streams: none at the start, more or fewer
     * later. Its lease keys name their stream then, as they do for several streams; an application
     * can't change between the two kinds of keys. Not needed where several streams are given.
     */
    Builder manyStreams();

    /** Processes one record at a time. */
    Builder onRecord(RecordHandler handler);

    /** Processes one record at a time without holding a thread. */
    Builder onRecordAsync(AsyncRecordHandler handler);

    /** Processes batches. */
    Builder onBatch(BatchHandler handler);

    /** Processes each shard with an own instance that checkpoints by itself. */
    Builder shardProcessor(Supplier<? extends ShardProcessor> perShard);

    /** What happens when the handler fails. Default {@link FailurePolicy#retryForever()}. */
    Builder failurePolicy(FailurePolicy policy);

    /**
     * How many calls of the handler may run at a time for one shard. Default 1, which keeps the
     * order of the shard. Not for shard processors.
     *
     * @param perShard 1 to 1,000
     * @param order which records may run at the same time
     */
    Builder parallelism(int perShard, KeyOrder order);

    /**
     * Where handlers run. Default: a pool of {@code max(8, 2 x cores, parallelism)} daemon threads
     * for all shards together. A supplied executor is never shut down, must not run tasks on the
     * caller's thread, and may reject them: they are offered again.
     */
    Builder handlerExecutor(Executor executor);

    /** Where metrics go. Default: nowhere. */
    Builder meterRegistry(MeterRegistry registry);

    /**
     * Where each call of the handler is observed, as {@code millrace.consumer.process}: for
     * tracing, with the trace context that the producer put into the record's headers. Default:
     * nowhere.
     */
    Builder observationRegistry(ObservationRegistry registry);

    /**
     * Is told, before the next record, when records may have left the stream unread. Default: only
     * the log and the metric say so.
     */
    Builder onSuspectedLoss(SuspectedLossHandler handler);

    /** Leaves out records whose event was processed a short while ago. Default: none is. */
    Builder leaveOutDuplicates(DuplicateFilter filter);

    /** Settings with good defaults. */
    Builder settings(ConsumerSettings settings);

    /** Closes the consumer in a shutdown hook of the JVM, as on SIGTERM. Default: no hook. */
    Builder closeOnShutdown(Duration drain);

    /**
     * Checks everything and builds the consumer; no I/O.
     *
     * @throws IllegalArgumentException naming the setting, its value and the rule
     * @throws IllegalStateException if there is no stream and not {@link #manyStreams()}, or not
     *     exactly one handler
     */
    StreamConsumer build();
  }
}
