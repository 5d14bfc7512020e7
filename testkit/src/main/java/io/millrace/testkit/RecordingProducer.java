package io.millrace.testkit;

import io.millrace.model.SequenceNumber;
import io.millrace.model.ShardId;
import io.millrace.producer.ProducerStatus;
import io.millrace.producer.PutAttempt;
import io.millrace.producer.PutCallback;
import io.millrace.producer.PutFailedException;
import io.millrace.producer.PutFailure;
import io.millrace.producer.PutResult;
import io.millrace.producer.StreamProducer;
import io.millrace.producer.UnsentRecord;
import io.millrace.producer.UserRecord;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A producer for unit tests that stores nothing but keeps what it was given.
 *
 * <pre>{@code
 * RecordingProducer producer = new RecordingProducer();
 * new OrderService(producer).place(order);
 * assertThat(producer.puts("orders")).hasSize(1);
 *
 * producer.failNext(PutFailure.EXPIRED);             // the next put fails
 * producer.hold();                                   // outcomes wait for release()
 * producer.full(true);                               // tryPut is empty, put fails with NO_ROOM
 * }</pre>
 *
 * <p>It checks keys, streams and sizes as the real producer does. Unlike it, outcomes come at once
 * and on the calling thread, each put to a sequence number of its own in {@code
 * shardId-000000000000}, with no aggregation. Thread-safe; the lock guards what is kept, and no
 * future or callback completes under it.
 */
public final class RecordingProducer implements StreamProducer {
  private static final Logger log = LoggerFactory.getLogger(RecordingProducer.class);
  private static final ShardId SHARD = new ShardId("shardId-000000000000");
  private static final BigInteger FIRST_SEQUENCE_NUMBER = BigInteger.TEN.pow(55);
  private static final Pattern STREAM_NAME = Pattern.compile("[a-zA-Z0-9_.-]{1,128}");
  private static final Pattern STREAM_ARN =
      Pattern.compile("arn:[^:]+:kinesis:[^:]+:\\d{12}:stream/[a-zA-Z0-9_.-]{1,128}");
  private static final int MAX_KEY_CHARACTERS = 256;
  private static final int MAX_RECORD_BYTES = 10 << 20;

  private final List<RecordedPut> puts = new ArrayList<>();
  private final ArrayDeque<Pending> held = new ArrayDeque<>();
  private final ArrayDeque<PutFailure> failures = new ArrayDeque<>();
  private final List<CompletableFuture<Void>> waitingForRoom = new ArrayList<>();
  private final List<CompletableFuture<Void>> flushes = new ArrayList<>();
  private long stored;
  private boolean holding;
  private boolean full;
  private boolean closed;

  /** Makes a producer that stores every put at once. */
  public RecordingProducer() {}

  /** What was put and is stored, or will be at {@link #release()}, in the order of the puts. */
  public synchronized List<RecordedPut> puts() {
    return List.copyOf(puts);
  }

  /** The puts to one stream, named as it was given to {@code put}. */
  public synchronized List<RecordedPut> puts(String stream) {
    return puts.stream().filter(put -> put.stream().equals(stream)).toList();
  }

  /** Forgets what was put, and the failures that were planned; puts on hold stay on hold. */
  public synchronized void clear() {
    puts.clear();
    failures.clear();
  }

  /** Lets the next put fail that has no failure planned yet; call it again for the one after. */
  public synchronized void failNext(PutFailure reason) {
    failures.add(reason);
  }

  /** Withholds the outcomes of the puts to come until {@link #release()}. */
  public synchronized void hold() {
    holding = true;
  }

  /** Tells the outcomes withheld, in the order of the puts, and withholds no more. */
  public void release() {
    List<Runnable> outcomes = new ArrayList<>();
    synchronized (this) {
      holding = false;
      held.forEach(pending -> outcomes.add(pending.outcome));
      held.clear();
      flushes.forEach(flush -> outcomes.add(() -> flush.complete(null)));
      flushes.clear();
    }
    outcomes.forEach(Runnable::run);
  }

  /** Whether there is room: while full, puts fail with NO_ROOM and {@code tryPut} is empty. */
  public void full(boolean full) {
    List<CompletableFuture<Void>> waiting;
    synchronized (this) {
      this.full = full;
      if (full) {
        return;
      }
      waiting = List.copyOf(waitingForRoom);
      waitingForRoom.clear();
    }
    waiting.forEach(room -> room.complete(null));
  }

  @Override
  public CompletableFuture<PutResult> put(String stream, String partitionKey, byte[] data) {
    return put(stream, UserRecord.of(partitionKey, data));
  }

  @Override
  public CompletableFuture<PutResult> put(String stream, UserRecord record) {
    CompletableFuture<PutResult> future = new CompletableFuture<>();
    put(
        stream,
        record,
        (result, failure) -> {
          if (failure != null) {
            future.completeExceptionally(failure);
          } else {
            future.complete(result);
          }
        });
    return future;
  }

  @Override
  public Optional<CompletableFuture<PutResult>> tryPut(String stream, UserRecord record) {
    requireStream(stream);
    requireRecord(record);
    synchronized (this) {
      if (full && !closed) {
        return Optional.empty();
      }
    }
    return Optional.of(put(stream, record));
  }

  @Override
  public void put(String stream, UserRecord record, PutCallback callback) {
    requireStream(stream);
    requireRecord(record);
    RecordedPut put = new RecordedPut(stream, copy(record));
    accept(put, callback).run();
  }

  /** Decides the outcome; gives what tells it now, or does nothing if it is withheld. */
  private synchronized Runnable accept(RecordedPut put, PutCallback callback) {
    if (closed) {
      return () -> fail(put, PutFailure.CLOSED, callback);
    }
    if (full) {
      return () -> fail(put, PutFailure.NO_ROOM, callback);
    }
    PutFailure failure = failures.poll();
    Runnable outcome;
    if (failure != null) {
      outcome = () -> fail(put, failure, callback);
    } else {
      puts.add(put);
      PutResult result = stored();
      outcome = () -> tell(callback, result, null);
    }
    if (!holding) {
      return outcome;
    }
    held.add(new Pending(put, outcome, () -> fail(put, PutFailure.CLOSED, callback)));
    return () -> {};
  }

  private PutResult stored() {
    String sequenceNumber = FIRST_SEQUENCE_NUMBER.add(BigInteger.valueOf(stored++)).toString();
    PutAttempt attempt = new PutAttempt(Duration.ZERO, Duration.ZERO, 200, "Success", "", "");
    return new PutResult(
        SHARD, SequenceNumber.of(sequenceNumber), OptionalInt.empty(), false, List.of(attempt));
  }

  private static void fail(RecordedPut put, PutFailure reason, PutCallback callback) {
    PutFailedException failure =
        new PutFailedException(
            reason,
            "stream " + put.stream() + ": " + reason + ", as the test asked for",
            reason == PutFailure.EXPIRED,
            put.record(),
            List.of(),
            null);
    tell(callback, null, failure);
  }

  private static void tell(
      PutCallback callback, @Nullable PutResult result, @Nullable PutFailedException failure) {
    try {
      callback.settled(result, failure);
    } catch (RuntimeException e) {
      log.warn("A put's callback failed", e);
    }
  }

  @Override
  public CompletableFuture<Void> whenRoomFor(String stream, long bytes) {
    requireStream(stream);
    if (bytes < 1) {
      throw new IllegalArgumentException("bytes is " + bytes + ": it must be 1 or more");
    }
    synchronized (this) {
      if (closed) {
        return CompletableFuture.failedFuture(closedWithoutRecord());
      }
      CompletableFuture<Void> room = new CompletableFuture<>();
      if (full) {
        waitingForRoom.add(room);
      } else {
        room.complete(null);
      }
      return room;
    }
  }

  @Override
  public synchronized CompletableFuture<Void> flush() {
    CompletableFuture<Void> flush = new CompletableFuture<>();
    if (held.isEmpty()) {
      flush.complete(null);
    } else {
      flushes.add(flush);
    }
    return flush;
  }

  /** The puts on hold are what is outstanding; ages are zero, as no time passes here. */
  @Override
  public synchronized ProducerStatus status() {
    Map<String, Long> records = new TreeMap<>();
    long bytes = 0;
    for (Pending pending : held) {
      records.merge(pending.put.stream(), 1L, Long::sum);
      bytes += sizeBytes(pending.put.record());
    }
    List<ProducerStatus.StreamStatus> streams = new ArrayList<>();
    records.forEach(
        (stream, count) ->
            streams.add(
                new ProducerStatus.StreamStatus(
                    stream, count, Duration.ZERO, 1, Optional.empty())));
    return new ProducerStatus(held.size(), bytes, Duration.ZERO, streams);
  }

  /** Fails the puts on hold and returns their records, whatever the drain time. */
  @Override
  public List<UnsentRecord> close(Duration drain) {
    List<UnsentRecord> unsent = new ArrayList<>();
    List<Runnable> outcomes = new ArrayList<>();
    synchronized (this) {
      closed = true;
      for (Pending pending : held) {
        puts.remove(pending.put);
        unsent.add(new UnsentRecord(pending.put.stream(), pending.put.record(), false));
        outcomes.add(pending.closing);
      }
      held.clear();
      flushes.forEach(flush -> outcomes.add(() -> flush.complete(null)));
      flushes.clear();
      waitingForRoom.forEach(
          room -> outcomes.add(() -> room.completeExceptionally(closedWithoutRecord())));
      waitingForRoom.clear();
    }
    outcomes.forEach(Runnable::run);
    return unsent;
  }

  @Override
  public void close() {
    var unused = close(Duration.ZERO);
  }

  private static PutFailedException closedWithoutRecord() {
    return new PutFailedException(
        PutFailure.CLOSED, "the producer is closed", false, null, List.of(), null);
  }

  private static UserRecord copy(UserRecord record) {
    ByteBuffer data = record.data();
    byte[] bytes = new byte[data.remaining()];
    data.get(bytes);
    return record.toBuilder().data(bytes).build();
  }

  private static void requireStream(String stream) {
    if (!STREAM_NAME.matcher(stream).matches() && !STREAM_ARN.matcher(stream).matches()) {
      throw new IllegalArgumentException(
          "stream has "
              + stream.length()
              + " characters: it must be a stream's name (1 to 128 of a-z, A-Z, 0-9, _ . -) or"
              + " ARN");
    }
  }

  private static void requireRecord(UserRecord record) {
    record
        .partitionKey()
        .ifPresent(
            key -> {
              int characters = key.codePointCount(0, key.length());
              if (characters < 1 || characters > MAX_KEY_CHARACTERS) {
                throw new IllegalArgumentException(
                    "partitionKey has " + characters + " characters: it must have 1 to 256");
              }
            });
    long size = sizeBytes(record);
    if (size > MAX_RECORD_BYTES) {
      throw new IllegalArgumentException(
          "data and partitionKey have " + size + " bytes: they must have at most 10485760");
    }
  }

  private static long sizeBytes(UserRecord record) {
    int key = record.partitionKey().map(k -> k.getBytes(StandardCharsets.UTF_8).length).orElse(0);
    return (long) record.data().remaining() + key;
  }

  /** A put whose outcome is withheld, and the outcome it has if the producer is closed first. */
  private record Pending(RecordedPut put, Runnable outcome, Runnable closing) {}
}
