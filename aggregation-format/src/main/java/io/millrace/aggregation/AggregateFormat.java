package io.millrace.aggregation;

import com.google.protobuf.WireFormat;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The constants of the format: frame, field numbers, checksum. See {@code aggregated_record.proto}.
 */
final class AggregateFormat {
  static final int MAGIC = 0xF3899AC2;
  static final int MAGIC_BYTES = 4;
  static final int CHECKSUM_BYTES = 16;
  static final int OVERHEAD_BYTES = MAGIC_BYTES + CHECKSUM_BYTES;

  /** Fields of AggregatedRecord. */
  static final int PARTITION_KEY_FIELD = 1;

  static final int EXPLICIT_HASH_KEY_FIELD = 2;
  static final int RECORD_FIELD = 3;

  /** Every field number is below 16, so each key takes one byte. */
  static final int FIELD_KEY_BYTES = 1;

  static final int PARTITION_KEY_TAG = lengthDelimited(PARTITION_KEY_FIELD);
  static final int EXPLICIT_HASH_KEY_TAG = lengthDelimited(EXPLICIT_HASH_KEY_FIELD);
  static final int RECORD_TAG = lengthDelimited(RECORD_FIELD);

  /** Fields of Record. */
  static final int PARTITION_KEY_INDEX_TAG = varint(1);

  static final int EXPLICIT_HASH_KEY_INDEX_TAG = varint(2);
  static final int DATA_TAG = lengthDelimited(3);
  static final int TAGS_TAG = lengthDelimited(4);

  /** Fields of Tag. */
  static final int TAG_KEY_TAG = lengthDelimited(1);

  static final int TAG_VALUE_TAG = lengthDelimited(2);

  private AggregateFormat() {}

  static MessageDigest newChecksum() {
    try {
      return MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(
          "this Java runtime offers no MD5, which the aggregated record format is built on", e);
    }
  }

  private static int lengthDelimited(int field) {
    return (field << 3) | WireFormat.WIRETYPE_LENGTH_DELIMITED;
  }

  private static int varint(int field) {
    return (field << 3) | WireFormat.WIRETYPE_VARINT;
  }
}
