package io.millrace.aggregation;

/** Allocates every chunk anew. Thread-safe. */
final class UnpooledChunks implements ChunkPool {
  private final int chunkBytes;

  UnpooledChunks(int chunkBytes) {
    if (chunkBytes < MIN_CHUNK_BYTES) {
      throw new IllegalArgumentException(
          "chunkBytes " + chunkBytes + ": it must be at least " + MIN_CHUNK_BYTES);
    }
    this.chunkBytes = chunkBytes;
  }

  @Override
  public byte[] take() {
    return new byte[chunkBytes];
  }

  @Override
  public void give(byte[] chunk) {}
}
