package io.millrace.producer.internal.aggregate;

import io.millrace.aggregation.AggregateEncoder;
import io.millrace.aggregation.AggregateEncoder.AddResult;
import io.millrace.aggregation.ChunkPool;
import io.millrace.model.HashKey;
import io.millrace.producer.PutCallback;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * User records of one predicted shard while they are collected: their encoding, their sinks, and
 * the span of their hash keys.
 *
 * <p>Guarded by the lock of the buffer that it is open in, then confined to the stream's loop.
 * Reused through {@link AggregatePool}, and its chunks through {@link SpareChunks}.
 */
final class OpenAggregate implements ChunkPool {
  static final int SMALL_CHUNK_BYTES = 2 * 1024;
  private static final int INITIAL_SINKS = 16;

  private final long maxBytes;
  private final AggregateEncoder encoder;
  private final SpareChunks spareChunks;

  private @Nullable PutCallback[] sinks = new @Nullable PutCallback[INITIAL_SINKS];
  private @Nullable HashKey firstHashKey;
  private @Nullable HashKey lowestHashKey;
  private @Nullable HashKey highestHashKey;
  private @Nullable String firstPartitionKey;
  private @Nullable HashKey firstExplicitHashKey;
  private boolean needsFrame;
  private long overheadBytes;
  private long payloadBytes;

  /** Charges memory for the call of {@link #tryAdd} that runs now. */
  private @Nullable IntPredicate charge;

  private int wantedBytes;

  OpenAggregate(long maxBytes, SpareChunks spareChunks) {
    this.maxBytes = maxBytes;
    this.spareChunks = spareChunks;
    this.encoder = new AggregateEncoder(maxBytes, this);
  }

  /** The size it was made for. */
  long maxBytes() {
    return maxBytes;
  }

  /**
   * Adds a record if it fits.
   *
   * @param charge takes memory for a chunk of the given size, or refuses
   */
  AddResult tryAdd(IncomingRecord record, IntPredicate charge) {
    int index = encoder.memberCount();
    if (index == sinks.length) {
      sinks = Arrays.copyOf(sinks, 2 * index);
    }
    this.charge = charge;
    wantedBytes = record.encodedBytes();
    AddResult result =
        encoder.tryAdd(
            Objects.requireNonNull(record.partitionKey()),
            record.explicitHashKey(),
            record.data(),
            record.headers());
    this.charge = null;
    if (result == AddResult.ADDED) {
      sinks[index] = record.sink();
      needsFrame |= index == 0 ? record.needsFrame() : !record.headers().isEmpty();
      overheadBytes += record.overheadBytes();
      payloadBytes += record.data().remaining();
      spanTo(Objects.requireNonNull(record.hashKey()));
      if (index == 0) {
        firstPartitionKey = record.partitionKey();
        firstExplicitHashKey = record.explicitHashKey();
      }
    }
    return result;
  }

  private void spanTo(HashKey key) {
    if (lowestHashKey == null || highestHashKey == null) {
      firstHashKey = key;
      lowestHashKey = key;
      highestHashKey = key;
    } else if (key.compareTo(lowestHashKey) < 0) {
      lowestHashKey = key;
    } else if (key.compareTo(highestHashKey) > 0) {
      highestHashKey = key;
    }
  }

  int memberCount() {
    return encoder.memberCount();
  }

  /** The size of the Kinesis record's data if it were closed now. */
  long sizeBytes() {
    return encoder.sizeBytes();
  }

  /** What the chunks hold. */
  long chunkBytes() {
    return encoder.heldBytes();
  }

  /** What was charged beside the chunks. */
  long overheadBytes() {
    return IncomingRecord.OPEN_AGGREGATE_BYTES + overheadBytes;
  }

  /** The payloads of all members, without keys and format. */
  long payloadBytes() {
    return payloadBytes;
  }

  /** Whether it can't leave as a plain record even if it holds only one. */
  boolean needsFrame() {
    return needsFrame || memberCount() > 1;
  }

  HashKey firstHashKey() {
    return Objects.requireNonNull(firstHashKey);
  }

  HashKey lowestHashKey() {
    return Objects.requireNonNull(lowestHashKey);
  }

  HashKey highestHashKey() {
    return Objects.requireNonNull(highestHashKey);
  }

  String firstPartitionKey() {
    return Objects.requireNonNull(firstPartitionKey);
  }

  @Nullable HashKey firstExplicitHashKey() {
    return firstExplicitHashKey;
  }

  /** The sinks of all members, in order. */
  List<PutCallback> sinks() {
    @SuppressWarnings("NullAway") // the first memberCount() elements are set
    List<PutCallback> set = List.of(Arrays.copyOf(sinks, memberCount()));
    return set;
  }

  /** Gives the aggregate's bytes and empties this. */
  byte[] finish() {
    byte[] data = encoder.finish();
    clear();
    return data;
  }

  /** Gives the only member's payload and empties this. */
  byte[] finishPlain() {
    byte[] data = encoder.finishPlain();
    clear();
    return data;
  }

  private void clear() {
    Arrays.fill(sinks, null);
    if (sinks.length > 4096) {
      sinks = new @Nullable PutCallback[INITIAL_SINKS];
    }
    firstHashKey = null;
    lowestHashKey = null;
    highestHashKey = null;
    firstPartitionKey = null;
    firstExplicitHashKey = null;
    needsFrame = false;
    overheadBytes = 0;
    payloadBytes = 0;
  }

  /**
   * Gives a chunk: small at first, so that thousands of shards with a trickle each stay cheap;
   * large afterwards; just enough for the record when memory is short.
   */
  @Override
  public byte @Nullable [] take() {
    IntPredicate pays = Objects.requireNonNull(charge);
    int usual = encoder.heldBytes() == 0 ? SMALL_CHUNK_BYTES : SpareChunks.CHUNK_BYTES;
    int size = Math.max(usual, wantedBytes);
    if (!pays.test(size)) {
      size = Math.max(MIN_CHUNK_BYTES, wantedBytes);
      if (size >= usual || !pays.test(size)) {
        return null;
      }
    }
    byte[] spare = size == SpareChunks.CHUNK_BYTES ? spareChunks.poll() : null;
    return spare == null ? new byte[size] : spare;
  }

  @Override
  public void give(byte[] chunk) {
    // Each chunk that take() gives holds a whole record, so none comes back while one is added.
    assert charge == null;
    spareChunks.give(chunk);
  }
}
