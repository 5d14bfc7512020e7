package io.millrace.aggregation;

import java.nio.ByteBuffer;
import java.util.function.Function;

/**
 * What a Kinesis record turned out to be: one plain user record, an aggregate of user records, or
 * an aggregate that can't be read. Immutable, as long as nobody changes the bytes it was decoded
 * from.
 */
public sealed interface DecodedRecord
    permits AggregatedRecord, DecodedRecord.Plain, DecodedRecord.Corrupt {
  /** The whole Kinesis record's data; each call returns an independent read-only view. */
  ByteBuffer data();

  /** Calls the function for the case at hand and returns its result. */
  default <R> R match(
      Function<? super Plain, ? extends R> plain,
      Function<? super AggregatedRecord, ? extends R> aggregated,
      Function<? super Corrupt, ? extends R> corrupt) {
    if (this instanceof Plain p) {
      return plain.apply(p);
    }
    if (this instanceof AggregatedRecord a) {
      return aggregated.apply(a);
    }
    return corrupt.apply((Corrupt) this);
  }

  /**
   * A record that is its own user record: it has no magic number, or the checksum shows that it
   * only happens to begin with it.
   *
   * @param data the user record's data; each call returns an independent read-only view
   */
  record Plain(ByteBuffer data) implements DecodedRecord {
    /** Keeps a read-only view of the remaining bytes. */
    public Plain {
      data = data.slice().asReadOnlyBuffer();
    }

    @Override
    public ByteBuffer data() {
      return data.duplicate();
    }

    /** The size: no content. */
    @Override
    public String toString() {
      return "Plain[sizeBytes=" + data.remaining() + "]";
    }
  }

  /**
   * A record whose checksum proves that some writer meant it as an aggregate, but whose content is
   * no valid one. None of its user records is given out.
   *
   * @param reason what is wrong
   * @param offset where in the record's data the trouble was met, in bytes
   * @param data the Kinesis record's data, to be kept for inspection; each call returns an
   *     independent read-only view
   */
  record Corrupt(CorruptReason reason, int offset, ByteBuffer data) implements DecodedRecord {
    /** Keeps a read-only view of the remaining bytes. */
    public Corrupt {
      data = data.slice().asReadOnlyBuffer();
    }

    @Override
    public ByteBuffer data() {
      return data.duplicate();
    }

    /** Reason, offset and size: no content. */
    @Override
    public String toString() {
      return "Corrupt[reason="
          + reason
          + ", offset="
          + offset
          + ", sizeBytes="
          + data.remaining()
          + "]";
    }
  }

  /** Why an aggregate can't be read. */
  enum CorruptReason {
    /** The body is no protobuf message, ends early, or lacks a required field. */
    MALFORMED_BODY,
    /** A user record names a partition key that the table doesn't have. */
    PARTITION_KEY_INDEX_OUT_OF_RANGE,
    /** A user record names an explicit hash key that the table doesn't have. */
    EXPLICIT_HASH_KEY_INDEX_OUT_OF_RANGE,
    /** The explicit hash key of a user record is no decimal integer from 0 to 2^128-1. */
    EXPLICIT_HASH_KEY_INVALID,
    /**
     * The key tables hold so many tiny entries that an index of them would outgrow the record: no
     * writer that uses its entries makes such a table.
     */
    KEY_TABLE_TOO_LARGE
  }
}
