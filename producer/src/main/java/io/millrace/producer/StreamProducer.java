package io.millrace.producer;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import io.millrace.producer.internal.loop.ProducerBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.UnaryOperator;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/**
 * Puts user records into one or many Kinesis data streams.
 *
 * <pre>{@code
 * try (StreamProducer producer = StreamProducer.builder(kinesis).build()) {
 *   producer
 *       .put("clicks", userId, json)
 *       .whenComplete(
 *           (result, failure) -> {
 *             if (failure != null) {
 *               log.warn("click not stored", failure);
 *             }
 *           });
 * } // waits for what is outstanding
 * }</pre>
 *
 * <p><b>What a put guarantees.</b> The bytes of the record have been copied when {@code put}
 * returns; a {@code ByteBuffer}'s position never moves. Each accepted record gets exactly one
 * outcome: a {@link PutResult}, or one {@link PutFailedException} with a reason and whether the
 * record may have been written nevertheless. Delivery is at least once: a request whose answer was
 * lost is sent again, and {@link PutResult#possibleDuplicate()} says so. Records keep no order
 * unless {@link ProducerSettings.Ordering#PER_KEY} is set.
 *
 * <p><b>Memory.</b> Everything accepted and not yet settled is charged to one budget ({@link
 * ProducerSettings#bufferBytes()}). When it is full, {@code put} waits at most {@link
 * ProducerSettings#maxBlock()}, {@link #tryPut} returns empty, and {@link #whenRoomFor} tells when
 * to try again. A put never waits for the network: the description of a stream is loaded in the
 * background, and records put before it is there wait inside the budget.
 *
 * <p><b>Outcomes.</b> Misuse (null, a key that is empty or too long, data beyond the service's
 * limit, a malformed stream ARN) throws {@link IllegalArgumentException} or {@link
 * NullPointerException} at once. Every other outcome is in the future, including no room, closed
 * and interrupted (the thread's interrupt flag stays set). Futures and callbacks complete on
 * threads of the producer's own (or on {@link Builder#callbackExecutor}), never on the caller's
 * thread or on an SDK thread, after the record's bytes were given back to the budget. A slow
 * callback delays the callbacks of its shard, never sending. A put from a callback that would have
 * to wait fails at once with {@link PutFailure#NO_ROOM}. Cancelling a future changes only the
 * caller's view.
 *
 * <p><b>Streams</b> are named by name or by ARN (needed for a stream of another account). A name
 * and an ARN of one stream are two streams to the producer, each with its own requests: choose one
 * form.
 *
 * <p>Thread-safe. All threads are daemons named {@code millrace-producer-...}: none keeps the JVM
 * alive, so call {@link #close(Duration)} or {@link #flush()} before the process ends.
 */
public interface StreamProducer extends AutoCloseable {

  /**
   * Starts a builder.
   *
   * @param kinesis the client to send with; it stays the caller's and is never closed. {@link
   *     KinesisClients#tune} sets what suits a producer. The SDK's retries are switched off for
   *     each request that stores records.
   */
  static Builder builder(KinesisAsyncClient kinesis) {
    return new ProducerBuilder(kinesis);
  }

  /**
   * Puts one record; waits at most {@link ProducerSettings#maxBlock()} for room.
   *
   * @param stream name or ARN
   * @param partitionKey 1 to 256 Unicode characters; its MD5 chooses the shard
   * @param data the payload; may be empty; copied
   * @return completes with the result, or exceptionally with a {@link PutFailedException}
   * @throws IllegalArgumentException if the stream, the key or the size of the data is invalid; the
   *     message names the rule
   */
  CompletableFuture<PutResult> put(String stream, String partitionKey, byte[] data);

  /**
   * Puts one record; waits at most {@link ProducerSettings#maxBlock()} for room.
   *
   * @param stream name or ARN
   * @return completes with the result, or exceptionally with a {@link PutFailedException}
   * @throws IllegalArgumentException if the stream or the record is invalid; the message names the
   *     rule
   */
  CompletableFuture<PutResult> put(String stream, UserRecord record);

  /**
   * Puts one record without allocating a future; waits at most {@link ProducerSettings#maxBlock()}
   * for room.
   *
   * @param stream name or ARN
   * @param callback called exactly once, on a callback thread
   * @throws IllegalArgumentException if the stream or the record is invalid; the callback is then
   *     never called
   */
  void put(String stream, UserRecord record, PutCallback callback);

  /**
   * Puts one record if there is room for it now; never waits.
   *
   * @param stream name or ARN
   * @return empty if there is no room; the record was not accepted then
   * @throws IllegalArgumentException if the stream or the record is invalid; the message names the
   *     rule
   */
  Optional<CompletableFuture<PutResult>> tryPut(String stream, UserRecord record);

  /**
   * Completes when the budget has room for so many bytes of the stream, and the shard that {@link
   * #tryPut} last found full has room again: a hint, not a reservation, so that {@code tryPut} may
   * still find the room taken by others.
   *
   * @param stream name or ARN
   * @param bytes data and keys of what is to be put, at least 1, at most half of {@link
   *     ProducerSettings#bufferBytes()}
   * @return completes on a callback thread; exceptionally with {@link PutFailedException} when the
   *     producer is closed
   */
  CompletableFuture<Void> whenRoomFor(String stream, long bytes);

  /**
   * Sends what is buffered without lingering further.
   *
   * @return completes when every record accepted before this call is settled, whether it was stored
   *     or failed; never exceptionally. The longest wait is {@link
   *     ProducerSettings#deliveryTimeout()} and one {@link ProducerSettings#requestTimeout()}, plus
   *     the callbacks' own time; bound it with {@code orTimeout}.
   */
  CompletableFuture<Void> flush();

  /** What is outstanding, and which streams have trouble. Cheap enough for a health endpoint. */
  ProducerStatus status();

  /**
   * Stops accepting records, sends what is buffered, and returns what could not be settled in time.
   * The outstanding futures of the returned records complete exceptionally with {@link
   * PutFailure#CLOSED}. May be called from any thread, a callback's too (there it does not wait for
   * itself). A second call waits for the first and returns an empty list.
   *
   * <p>When the calling thread is interrupted, it stops waiting as if the time were over; the
   * interrupt flag stays set.
   *
   * @param drain how long to wait for outstanding records; zero returns them at once
   * @return the records that were not settled, in no particular order unless {@link
   *     ProducerSettings.Ordering#PER_KEY}; those that were in a request may have been written
   *     ({@link UnsentRecord#mayHaveBeenWritten()})
   */
  List<UnsentRecord> close(Duration drain);

  /**
   * Closes with {@link ProducerSettings#deliveryTimeout()} (the longest of all streams') as the
   * drain time; logs one warning with the counts if records were left. That is 2 minutes by
   * default, longer than most shutdowns allow: see {@link #close(Duration)}.
   */
  @Override
  void close();

  /** Collects what a producer is made of. Not thread-safe. */
  interface Builder {

    /**
     * Settings of the producer and of all streams without an override; default {@link
     * ProducerSettings#defaults()}.
     */
    Builder settings(ProducerSettings settings);

    /**
     * Overrides settings for one stream. The settings of the whole producer ({@code bufferBytes},
     * {@code maxBlock}, {@code meterLevel}) can't be overridden.
     *
     * @param stream name or ARN, as it is given to {@code put}
     * @param override gets the producer's settings and changes what differs
     * @throws IllegalArgumentException from {@link #build()} if it changes a setting of the whole
     *     producer
     */
    Builder settingsFor(String stream, UnaryOperator<ProducerSettings.Builder> override);

    /** Publishes meters ({@code millrace.producer.*}); default: nothing is published. */
    Builder meterRegistry(MeterRegistry registry);

    /**
     * Observes each PutRecords request as {@code millrace.producer.request}, for traces and timers;
     * default: nothing is observed. One request holds records of many puts: to carry a put's trace
     * to its reader, add its context as a header in an interceptor.
     */
    Builder observationRegistry(ObservationRegistry registry);

    /**
     * Completes futures and calls callbacks on this executor, which stays the caller's; default: a
     * bounded pool of daemon threads. Completions of one shard are handed over one after the other,
     * in order. The executor must neither reject nor run tasks on the calling thread.
     */
    Builder callbackExecutor(Executor executor);

    /** Adds an interceptor; they run in the order added. */
    Builder interceptor(ProducerInterceptor interceptor);

    /**
     * Validates and builds; does no I/O.
     *
     * @throws IllegalArgumentException if the settings contradict each other; the message names
     *     them
     */
    StreamProducer build();
  }
}
