package io.millrace.aggregation;

import org.jspecify.annotations.Nullable;

/**
 * Where an {@link AggregateEncoder} gets the memory that user records are written into, chunk by
 * chunk, and where it returns it. A producer bounds its memory here.
 *
 * <p>Called by the thread that uses the encoder, under whatever lock guards it: implementations
 * must not block. A pool that several encoders share must be thread-safe.
 */
public interface ChunkPool {
  /** The smallest chunk that an encoder accepts. */
  int MIN_CHUNK_BYTES = 64;

  /**
   * Takes a chunk of any size from {@link #MIN_CHUNK_BYTES} up.
   *
   * @return the chunk, with any content; or null if none may be had now
   */
  byte @Nullable [] take();

  /** Takes back a chunk that {@link #take()} gave. */
  void give(byte[] chunk);

  /**
   * A pool that allocates each chunk and leaves the returned ones to the garbage collector.
   * Thread-safe.
   *
   * @throws IllegalArgumentException if {@code chunkBytes} is below {@link #MIN_CHUNK_BYTES}
   */
  static ChunkPool unpooled(int chunkBytes) {
    if (chunkBytes < MIN_CHUNK_BYTES) {
      throw new IllegalArgumentException(
          "chunkBytes " + chunkBytes + ": it must be at least " + MIN_CHUNK_BYTES);
    }
    return new ChunkPool() {
      @Override
      public byte[] take() {
        return new byte[chunkBytes];
      }

      @Override
      public void give(byte[] chunk) {}
    };
  }
}
