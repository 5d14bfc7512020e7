package io.millrace.producer.compat;

import io.millrace.producer.PutFailedException;
import io.millrace.producer.PutResult;
import io.millrace.producer.StreamProducer;
import io.millrace.producer.UserRecord;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The methods of the KPL's {@code KinesisProducer} over a {@link StreamProducer}. What they do
 * otherwise than the KPL's:
 *
 * <ul>
 *   <li>futures are the JDK's, not Guava's
 *   <li>{@code addUserRecord} waits for room, at most for {@link
 *       io.millrace.producer.ProducerSettings#maxBlock()}; the KPL takes everything
 *   <li>the position of a buffer does not move
 *   <li>{@link #destroy()} fails what is outstanding, as the KPL's does; {@link
 *       StreamProducer#close(Duration)} is the better end
 * </ul>
 *
 * <p>Thread-safe. It owns the producer: {@link #destroy()} closes it.
 */
public final class KinesisProducer {
  private final StreamProducer producer;

  /** Puts through this producer. */
  public KinesisProducer(StreamProducer producer) {
    this.producer = Objects.requireNonNull(producer, "producer");
  }

  /**
   * Puts a record; see {@link #addUserRecord(String, String, String, ByteBuffer)}.
   *
   * @throws IllegalArgumentException see there
   */
  public CompletableFuture<UserRecordResult> addUserRecord(
      String stream, String partitionKey, ByteBuffer data) {
    return addUserRecord(stream, partitionKey, null, data);
  }

  /**
   * Puts a record without a key, on a stream whose records the service distributes.
   *
   * @throws IllegalArgumentException if the stream is invalid or the data are too large
   */
  public CompletableFuture<UserRecordResult> addUserRecord(String stream, ByteBuffer data) {
    return put(stream, UserRecord.builder().data(data).build());
  }

  /**
   * Puts a record.
   *
   * @param stream name or ARN; blanks around it are ignored
   * @param partitionKey 1 to 256 characters
   * @param explicitHashKey 0 to 2^128-1 in decimal digits; null to have the key's hash decide
   * @param data from position to limit; copied
   * @return completes with the result, or exceptionally with a {@link UserRecordFailedException}
   * @throws IllegalArgumentException if the stream, a key or the size of the data is invalid
   */
  public CompletableFuture<UserRecordResult> addUserRecord(
      String stream, String partitionKey, @Nullable String explicitHashKey, ByteBuffer data) {
    UserRecord.Builder record = UserRecord.builder().partitionKey(partitionKey).data(data);
    if (explicitHashKey != null) {
      record.explicitHashKey(explicitHashKey.strip());
    }
    return put(stream, record.build());
  }

  private CompletableFuture<UserRecordResult> put(String stream, UserRecord record) {
    CompletableFuture<UserRecordResult> outcome = new CompletableFuture<>();
    producer.put(
        stream.strip(),
        record,
        (@Nullable PutResult result, @Nullable PutFailedException failure) -> {
          if (result != null) {
            outcome.complete(UserRecordResult.of(result));
          } else {
            outcome.completeExceptionally(
                new UserRecordFailedException(Objects.requireNonNull(failure)));
          }
        });
    return outcome;
  }

  /** User records that were added and have no outcome yet. */
  public int getOutstandingRecordsCount() {
    return (int) Math.min(Integer.MAX_VALUE, producer.status().records());
  }

  /** The age of the oldest record without an outcome; 0 if there is none. */
  public long getOldestRecordTimeInMillis() {
    return producer.status().oldestAge().toMillis();
  }

  /** Sends what is buffered without waiting for more; does not wait for the outcomes. */
  public void flush() {
    CompletableFuture<Void> unused = producer.flush();
  }

  /** The same as {@link #flush()}: of all streams. */
  public void flush(String stream) {
    Objects.requireNonNull(stream, "stream");
    flush();
  }

  /**
   * Sends what is buffered, and waits until every record added before has an outcome: at most for
   * {@link io.millrace.producer.ProducerSettings#deliveryTimeout()}.
   */
  public void flushSync() {
    producer.flush().join();
  }

  /**
   * Ends at once: records without an outcome fail. Call {@link #flushSync()} first to have them
   * sent.
   */
  public void destroy() {
    var unused = producer.close(Duration.ZERO);
  }
}
