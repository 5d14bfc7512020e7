package io.millrace.producer.internal.loop;

import io.millrace.aggregation.Headers;
import io.millrace.model.HashKey;
import io.millrace.producer.KinesisLimits;
import io.millrace.producer.ProducerSettings;
import io.millrace.producer.ProducerSettings.Aggregation;
import io.millrace.producer.PutCallback;
import io.millrace.producer.PutFailure;
import io.millrace.producer.UserRecord;
import io.millrace.producer.internal.aggregate.AggregatePool;
import io.millrace.producer.internal.aggregate.IncomingRecord;
import io.millrace.producer.internal.aggregate.Memory;
import io.millrace.producer.internal.aggregate.Packing;
import io.millrace.producer.internal.aggregate.Routes;
import io.millrace.producer.internal.aggregate.ShardBuffer;
import io.millrace.producer.internal.aggregate.ShardBuffer.Appended;
import io.millrace.producer.internal.aggregate.SpareChunks;
import io.millrace.producer.internal.route.KeyHashes;
import io.millrace.producer.internal.send.StreamAddress;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The side of a stream that puts see: checks a record, finds its buffer by the routes in force, and
 * tells the loop which buffers to look at.
 *
 * <p>Thread-safe.
 */
final class StreamIntake implements ShardBuffer.Listener {
  private final StreamAddress address;
  private final ProducerSettings settings;
  private final KeyHashes keyHashes;
  private final Packing packing;
  private final AggregatePool pool;
  private final Memory memory;
  private final Runnable wake;

  /** Buffers to look at; each at most once, so bounded by their number. */
  private final Queue<ShardBuffer> signals = new ConcurrentLinkedQueue<>();

  private final AtomicLong retiredCount = new AtomicLong();
  private final AtomicLong retiredBytes = new AtomicLong();
  private final LongAdder settledCount = new LongAdder();
  private final LongAdder droppedHeaders = new LongAdder();
  private final ConcurrentMap<PutFailure, LongAdder> turnedAway = new ConcurrentHashMap<>();

  /** Guards nothing but the wait for a swap of {@link #routes}; held for moments only. */
  private final Lock swapLock = new ReentrantLock();

  private final Condition swapped = swapLock.newCondition();

  private volatile Routes routes;
  private volatile boolean ended;
  private volatile @Nullable Throwable defect;
  private volatile long oldestNanos;
  private volatile boolean hasOldest;
  private volatile int openShards;

  /** The buffer that last had no room for a record while others may have had. */
  private volatile @Nullable ShardBuffer lastFull;

  StreamIntake(
      StreamAddress address,
      ProducerSettings settings,
      KeyHashes keyHashes,
      Memory memory,
      SpareChunks spareChunks,
      Runnable wake) {
    this.address = address;
    this.keyHashes = keyHashes;
    this.settings = settings;
    this.packing = Packing.of(settings);
    this.pool = new AggregatePool(packing, spareChunks);
    this.memory = memory;
    this.wake = wake;
    this.routes = waitingRoutes();
  }

  StreamAddress address() {
    return address;
  }

  ProducerSettings settings() {
    return settings;
  }

  Packing packing() {
    return packing;
  }

  AggregatePool pool() {
    return pool;
  }

  Routes routes() {
    return routes;
  }

  /** A fresh buffer of this stream. */
  ShardBuffer newBuffer(boolean aggregating) {
    return new ShardBuffer(packing.aggregating(aggregating), memory, pool, this);
  }

  /** Routes for while the stream is not described. Aggregates there are only a compact store. */
  Routes waitingRoutes() {
    return Routes.waiting(newBuffer(true), KinesisLimits.RECORD_MAX_BYTES);
  }

  /** Later puts go by these. */
  void publish(Routes routes, int openShards) {
    this.openShards = openShards;
    this.routes = routes;
    signalSwap();
  }

  /**
   * Checks what the caller is answerable for.
   *
   * @throws IllegalArgumentException if the record breaks a rule; the message names it
   */
  IncomingRecord checked(
      @Nullable String partitionKey,
      @Nullable HashKey explicitHashKey,
      ByteBuffer data,
      Headers headers,
      PutCallback sink) {
    HashKey hashKey = null;
    if (partitionKey != null) {
      checkKey(partitionKey);
      // The key is hashed also under an explicit hash key: that finds text that is no UTF-8.
      HashKey ofKey = keyHashes.hash(partitionKey);
      hashKey = explicitHashKey == null ? ofKey : explicitHashKey;
    } else if (explicitHashKey != null) {
      throw new IllegalArgumentException(
          "explicitHashKey is set without a partitionKey: a record has both or neither");
    }
    IncomingRecord record =
        new IncomingRecord(
            partitionKey, explicitHashKey, hashKey, data, carried(headers, partitionKey), sink);
    checkSize(record);
    return record;
  }

  private static void checkKey(String key) {
    if (key.isEmpty()) {
      throw new IllegalArgumentException(
          "partitionKey is empty: it must have 1 to "
              + KinesisLimits.PARTITION_KEY_MAX_CHARACTERS
              + " Unicode characters");
    }
    if (key.length() > KinesisLimits.PARTITION_KEY_MAX_CHARACTERS
        && key.codePointCount(0, key.length()) > KinesisLimits.PARTITION_KEY_MAX_CHARACTERS) {
      throw new IllegalArgumentException(
          "partitionKey has "
              + key.codePointCount(0, key.length())
              + " Unicode characters: it must have 1 to "
              + KinesisLimits.PARTITION_KEY_MAX_CHARACTERS);
    }
  }

  private Headers carried(Headers headers, @Nullable String partitionKey) {
    if (headers.isEmpty()) {
      return headers;
    }
    boolean never = settings.aggregation() == Aggregation.OFF || partitionKey == null;
    if (settings.headersOptional() && (never || !routes.carriesHeaders())) {
      droppedHeaders.increment();
      return Headers.NONE;
    }
    if (never) {
      throw new IllegalArgumentException(
          "the record has headers and "
              + (partitionKey == null ? "no partitionKey" : "aggregation is OFF")
              + ": headers travel in aggregates only; set headersOptional to have them dropped");
    }
    return headers;
  }

  private void checkSize(IncomingRecord record) {
    int maximum = routes.maxRecordBytes();
    int dataBytes = record.data().remaining();
    boolean near = dataBytes > maximum - 8 * 1024 || !record.headers().isEmpty();
    if (near && record.storedBytes() > maximum) {
      throw new IllegalArgumentException(
          "data has "
              + dataBytes
              + " bytes, "
              + record.storedBytes()
              + " with partitionKey and headers: the maximum is "
              + maximum
              + (openShards == 0 ? " of the service" : " of this stream"));
    }
    if (dataBytes > 4 * 1024 && record.worstCaseBytes() > settings.bufferBytes()) {
      throw new IllegalArgumentException(
          "data has "
              + dataBytes
              + " bytes: that never fits into bufferBytes of "
              + settings.bufferBytes());
    }
  }

  /** Why the stream as it is known now can't take this record; empty if it can. */
  Optional<String> refusalOf(IncomingRecord record) {
    return routes.refusalOf(record);
  }

  /** The buffer the record would go to now. */
  ShardBuffer bufferFor(IncomingRecord record) {
    return routes.bufferFor(record.hashKey());
  }

  /**
   * Appends to the buffer in force.
   *
   * @return {@link Appended#SEALED} only when the stream has ended
   */
  Appended append(IncomingRecord record, long granted) {
    while (true) {
      Routes current = routes;
      ShardBuffer buffer = current.bufferFor(record.hashKey());
      Appended appended = buffer.append(record, granted);
      if (appended == Appended.SHARD_FULL) {
        lastFull = buffer;
      }
      if (appended != Appended.SEALED || ended) {
        return appended;
      }
      awaitSuccessorOf(current);
    }
  }

  /**
   * The loop has sealed buffers amid a swap: it publishes new routes after moving a few records.
   */
  private void awaitSuccessorOf(Routes sealed) {
    swapLock.lock();
    try {
      while (routes == sealed && !ended) {
        swapped.awaitUninterruptibly();
      }
    } finally {
      swapLock.unlock();
    }
  }

  private void signalSwap() {
    swapLock.lock();
    try {
      swapped.signalAll();
    } finally {
      swapLock.unlock();
    }
  }

  @Override
  public void ready(ShardBuffer buffer) {
    signals.add(buffer);
    wake.run();
  }

  @Nullable ShardBuffer pollSignal() {
    return signals.poll();
  }

  boolean hasSignals() {
    return !signals.isEmpty();
  }

  /** No record is taken any more: buffers are sealed next. */
  void end(@Nullable Throwable because) {
    defect = because;
    ended = true;
    signalSwap();
  }

  /** The producer was closed before a loop could take this stream over: nothing was let in yet. */
  void endBeforeStart() {
    end(null);
    routes.buffers().get(0).seal(0, record -> {});
  }

  /** What broke the stream's loop, if anything did. */
  @Nullable Throwable defect() {
    return defect;
  }

  /** Whose room callers of this stream wait for; null if it is the whole budget's. */
  @Nullable ShardBuffer lastFull() {
    return lastFull;
  }

  /** A buffer is out of the routes; what it counted is kept. */
  void retired(ShardBuffer buffer) {
    if (lastFull == buffer) {
      lastFull = null;
    }
    retiredCount.addAndGet(buffer.appendedCount());
    retiredBytes.addAndGet(buffer.appendedBytes());
  }

  /** So many user records have their outcome. */
  void settled(long count) {
    settledCount.add(count);
  }

  /** User records taken so far. */
  long receivedCount() {
    long count = retiredCount.get();
    for (ShardBuffer buffer : routes.buffers()) {
      count += buffer.appendedCount();
    }
    return count;
  }

  /** Payload bytes taken so far. */
  long receivedBytes() {
    long bytes = retiredBytes.get();
    for (ShardBuffer buffer : routes.buffers()) {
      bytes += buffer.appendedBytes();
    }
    return bytes;
  }

  /** User records without an outcome. */
  long outstandingCount() {
    // Settled first: so the difference never gets negative by records that come in between.
    long settled = settledCount.sum();
    return Math.max(0, receivedCount() - settled);
  }

  /** Records whose headers were dropped. */
  long droppedHeadersCount() {
    return droppedHeaders.sum();
  }

  /** A put failed without its record being accepted. */
  void turnedAway(PutFailure reason) {
    turnedAway.computeIfAbsent(reason, r -> new LongAdder()).increment();
  }

  /** Records whose put failed so. */
  long turnedAwayCount(PutFailure reason) {
    LongAdder count = turnedAway.get(reason);
    return count == null ? 0 : count.sum();
  }

  /** Open shards of the map in force, 0 before there is one. */
  int openShards() {
    return openShards;
  }

  /** The loop notes the age of the oldest record now and then. */
  void oldest(boolean any, long openedNanos) {
    oldestNanos = openedNanos;
    hasOldest = any;
  }

  /** Nanoseconds since the oldest record without an outcome came, as of the loop's last look. */
  long oldestAgeNanos(long nowNanos) {
    return hasOldest ? Math.max(0, nowNanos - oldestNanos) : 0;
  }

  /** As {@link #checked} for a record object. */
  IncomingRecord checked(UserRecord record, PutCallback sink) {
    Objects.requireNonNull(record, "record");
    return checked(
        record.partitionKey().orElse(null),
        record.explicitHashKey().orElse(null),
        record.data(),
        record.headers(),
        sink);
  }
}
