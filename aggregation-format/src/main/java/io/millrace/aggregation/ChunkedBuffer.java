package io.millrace.aggregation;

import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
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
    CodedOutputStream out = chunks.get(writing).out;
    int before = out.getTotalBytesWritten();
    try {
      out.writeUInt32NoTag(tag);
      out.writeUInt32NoTag(value);
    } catch (IOException e) {
      throw reservedTooLittle(e);
    }
    freeBytes -= out.getTotalBytesWritten() - before;
  }

  void write(byte[] bytes, int offset, int length) {
    int from = offset;
    int left = length;
    while (left > 0) {
      CodedOutputStream out = streamWithSpace();
      int part = Math.min(left, out.spaceLeft());
      try {
        out.write(bytes, from, part);
      } catch (IOException e) {
        throw reservedTooLittle(e);
      }
      from += part;
      left -= part;
    }
    freeBytes -= length;
  }

  /** Writes all remaining bytes; the buffer's position does not move. */
  void write(ByteBuffer bytes) {
    if (bytes.hasArray()) {
      write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
      return;
    }
    ByteBuffer rest = bytes.duplicate();
    while (rest.hasRemaining()) {
      CodedOutputStream out = streamWithSpace();
      int part = Math.min(rest.remaining(), out.spaceLeft());
      try {
        out.write(rest.slice(rest.position(), part));
      } catch (IOException e) {
        throw reservedTooLittle(e);
      }
      rest.position(rest.position() + part);
    }
    freeBytes -= bytes.remaining();
  }

  /** Appends all that was written. */
  void copyTo(CodedOutputStream target) throws IOException {
    for (int i = 0; i < chunks.size(); i++) {
      Chunk chunk = chunks.get(i);
      target.write(chunk.bytes, 0, chunk.out.getTotalBytesWritten());
    }
  }

  /** Copies the bytes from {@code offset} on that fit into {@code target}. */
  void copyTo(byte[] target, int offset) {
    int skip = offset;
    int copied = 0;
    for (int i = 0; i < chunks.size() && copied < target.length; i++) {
      Chunk chunk = chunks.get(i);
      int written = chunk.out.getTotalBytesWritten();
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

  private CodedOutputStream streamWithSpace() {
    while (chunks.get(writing).out.spaceLeft() == 0) {
      writing++;
    }
    return chunks.get(writing).out;
  }

  private static IllegalStateException reservedTooLittle(IOException cause) {
    return new IllegalStateException("too little space was reserved: this is a defect", cause);
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
    final CodedOutputStream out;

    Chunk(byte[] bytes) {
      this.bytes = bytes;
      this.out = CodedOutputStream.newInstance(bytes);
    }

    int spaceLeft() {
      return out.spaceLeft();
    }
  }
}
