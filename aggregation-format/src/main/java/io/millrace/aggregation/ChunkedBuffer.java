package io.millrace.aggregation;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The record section of an open aggregate, in chunks. Space is reserved before anything is written,
 * so a record is written whole or not at all. Confined to its encoder.
 */
final class ChunkedBuffer {
  private final ChunkPool pool;
  private final List<Chunk> chunks = new ArrayList<>();

  /** The index of the chunk that is written to; the ones behind it are empty. */
  private int writing;

  private long heldBytes;

  /** What the chunk written to and the ones behind it can still take. */
  private long freeBytes;

  ChunkedBuffer(ChunkPool pool) {
    this.pool = pool;
  }

  /** The capacity of all chunks. */
  long heldBytes() {
    return heldBytes;
  }

  /**
   * Makes room for a record.
   *
   * @param prefixBytes the beginning of the record, which is written in one piece
   * @param bytes the whole record
   * @return false if the pool gave too little; then nothing has changed
   */
  boolean reserve(int prefixBytes, int bytes) {
    if (writing < chunks.size() && chunks.get(writing).spaceLeft() < prefixBytes) {
      freeBytes -= chunks.get(writing).spaceLeft();
      writing++;
    }
    int before = chunks.size();
    while (freeBytes < bytes) {
      byte[] bytesOfChunk = pool.take();
      if (bytesOfChunk == null) {
        giveBackDownTo(before);
        return false;
      }
      append(bytesOfChunk);
    }
    return true;
  }

  /** Writes a field's tag and its value or length: part of what is written in one piece. */
  void write(int tag, int value) {
    Chunk chunk = chunks.get(writing);
    int before = chunk.size;
    chunk.size = Varint.write(tag, chunk.bytes, before);
    chunk.size = Varint.write(value, chunk.bytes, chunk.size);
    freeBytes -= chunk.size - before;
  }

  void write(byte[] bytes, int offset, int length) {
    int from = offset;
    int left = length;
    while (left > 0) {
      Chunk chunk = chunkWithSpace();
      int part = Math.min(left, chunk.spaceLeft());
      System.arraycopy(bytes, from, chunk.bytes, chunk.size, part);
      chunk.size += part;
      from += part;
      left -= part;
    }
    freeBytes -= length;
  }

  /** Writes all remaining bytes; the buffer's position does not move. */
  void write(ByteBuffer bytes) {
    int from = bytes.position();
    int left = bytes.remaining();
    while (left > 0) {
      Chunk chunk = chunkWithSpace();
      int part = Math.min(left, chunk.spaceLeft());
      bytes.get(from, chunk.bytes, chunk.size, part);
      chunk.size += part;
      from += part;
      left -= part;
    }
    freeBytes -= bytes.remaining();
  }

  /**
   * Copies all that was written to a position of {@code target}.
   *
   * @return the position behind it
   */
  int copyAllTo(byte[] target, int position) {
    int at = position;
    for (int i = 0; i < chunks.size(); i++) {
      Chunk chunk = chunks.get(i);
      System.arraycopy(chunk.bytes, 0, target, at, chunk.size);
      at += chunk.size;
    }
    return at;
  }

  /** Copies the bytes from {@code offset} on that fit into {@code target}. */
  void copyTo(byte[] target, int offset) {
    int skip = offset;
    int copied = 0;
    for (int i = 0; i < chunks.size() && copied < target.length; i++) {
      Chunk chunk = chunks.get(i);
      int written = chunk.size;
      int part = Math.min(Math.max(written - skip, 0), target.length - copied);
      System.arraycopy(chunk.bytes, Math.min(skip, written), target, copied, part);
      copied += part;
      skip = Math.max(skip - written, 0);
    }
  }

  /** Forgets all content and returns all chunks. */
  void clear() {
    giveBackDownTo(0);
    writing = 0;
    freeBytes = 0;
  }

  private Chunk chunkWithSpace() {
    while (chunks.get(writing).spaceLeft() == 0) {
      writing++;
    }
    return chunks.get(writing);
  }

  private void append(byte[] bytes) {
    if (bytes.length < ChunkPool.MIN_CHUNK_BYTES) {
      throw new IllegalStateException(
          "the chunk pool gave a chunk of "
              + bytes.length
              + " bytes: it must have at least "
              + ChunkPool.MIN_CHUNK_BYTES);
    }
    chunks.add(new Chunk(bytes));
    heldBytes += bytes.length;
    freeBytes += bytes.length;
  }

  private void giveBackDownTo(int count) {
    for (int i = chunks.size() - 1; i >= count; i--) {
      byte[] bytes = chunks.remove(i).bytes;
      heldBytes -= bytes.length;
      freeBytes -= bytes.length;
      pool.give(bytes);
    }
  }

  private static final class Chunk {
    final byte[] bytes;
    int size;

    Chunk(byte[] bytes) {
      this.bytes = bytes;
    }

    int spaceLeft() {
      return bytes.length - size;
    }
  }
}
