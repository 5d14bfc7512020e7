package io.millrace.aggregation;

import java.nio.ByteBuffer;
import java.security.MessageDigest;

/**
 * Tells what a Kinesis record is, and opens it when it is an aggregate.
 *
 * <p>Decoding checks everything once, up front: frame, checksum, structure of every user record,
 * every index into the key tables, every explicit hash key in use. What comes back as an {@link
 * AggregatedRecord} can be iterated to its end without an error, so nothing is ever delivered in
 * part. User records are slices of the input; keys are decoded when asked for.
 *
 * <p>No input makes it throw. It allocates at most about the input's size, whatever lengths and
 * counts the input claims, and its time is linear in the input's size.
 *
 * <p>Stateless and thread-safe.
 */
public final class AggregateDecoder {
  private AggregateDecoder() {}

  /**
   * Decodes a Kinesis record's data without copying them: the result reads from the array, which
   * must not be changed while the result is in use.
   */
  public static DecodedRecord decode(byte[] data) {
    return decode(ByteBuffer.wrap(data));
  }

  /**
   * Decodes the remaining bytes of a buffer, whose position does not move. The result reads from
   * the buffer's memory, which must not be changed while the result is in use. An aggregate in a
   * direct or read-only buffer is copied once, since neither gives access to an array.
   */
  public static DecodedRecord decode(ByteBuffer data) {
    if (!isAggregated(data)) {
      return new DecodedRecord.Plain(data);
    }
    if (data.hasArray()) {
      int offset = data.arrayOffset() + data.position();
      return AggregateScanner.scan(data.array(), offset, data.remaining());
    }
    byte[] copy = new byte[data.remaining()];
    data.get(data.position(), copy);
    return AggregateScanner.scan(copy, 0, copy.length);
  }

  /**
   * Whether readers take these bytes for an aggregate: magic number and checksum fit. A producer
   * that wants to send a plain record which happens to look like this puts it into an aggregate of
   * one instead.
   *
   * @param data its remaining bytes; the position does not move
   */
  public static boolean isAggregated(ByteBuffer data) {
    return beginsLikeAggregate(data) && checksumMatches(data);
  }

  private static boolean beginsLikeAggregate(ByteBuffer data) {
    int start = data.position();
    return data.remaining() > AggregateFormat.OVERHEAD_BYTES
        && data.get(start) == (byte) (AggregateFormat.MAGIC >>> 24)
        && data.get(start + 1) == (byte) (AggregateFormat.MAGIC >>> 16)
        && data.get(start + 2) == (byte) (AggregateFormat.MAGIC >>> 8)
        && data.get(start + 3) == (byte) AggregateFormat.MAGIC;
  }

  private static boolean checksumMatches(ByteBuffer data) {
    int bodyOffset = data.position() + AggregateFormat.MAGIC_BYTES;
    int checksumOffset = data.limit() - AggregateFormat.CHECKSUM_BYTES;
    MessageDigest checksum = AggregateFormat.newChecksum();
    checksum.update(data.slice(bodyOffset, checksumOffset - bodyOffset));
    ByteBuffer expected = ByteBuffer.wrap(checksum.digest());
    return data.slice(checksumOffset, AggregateFormat.CHECKSUM_BYTES).equals(expected);
  }
}
