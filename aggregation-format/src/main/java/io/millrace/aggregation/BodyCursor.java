package io.millrace.aggregation;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Walks over the fields of an AggregatedRecord message, and over those of the Record messages in
 * it. Nothing is allocated per field, and no length on the wire is believed before the bytes are
 * seen to be there.
 *
 * <p>Follows the protobuf parser in all it accepts: fields in any order, unknown fields skipped,
 * the last of several values of a singular field counts. Confined to one thread.
 */
final class BodyCursor {
  static final int END = 0;

  /** As deep as the protobuf parser follows groups in unknown fields. */
  private static final int MAX_GROUP_DEPTH = 100;

  private final byte[] bytes;
  private final int bodyOffset;
  private final CodedInputStream in;

  /** The current field's start, as an index of the array. */
  int fieldOffset;

  /** The current record; indexes are unsigned. */
  long partitionKeyIndex;

  boolean hasExplicitHashKey;
  long explicitHashKeyIndex;
  int dataOffset;
  int dataBytes;
  boolean hasTags;

  private int tagKeyOffset;
  private int tagKeyBytes;
  private int tagValueOffset;
  private int tagValueBytes;

  BodyCursor(byte[] bytes, int bodyOffset, int bodyBytes) {
    this.bytes = bytes;
    this.bodyOffset = bodyOffset;
    this.in = CodedInputStream.newInstance(bytes, bodyOffset, bodyBytes);
  }

  /** The index of the array that is read next. */
  int offset() {
    return bodyOffset + in.getTotalBytesRead();
  }

  /**
   * Moves to the next table entry or record, whose length comes next, and returns its tag; {@link
   * #END} after the last one. Unknown fields are skipped.
   */
  int next() throws IOException {
    while (true) {
      fieldOffset = offset();
      int tag = in.readTag();
      if (tag == END
          || tag == AggregateFormat.PARTITION_KEY_TAG
          || tag == AggregateFormat.EXPLICIT_HASH_KEY_TAG
          || tag == AggregateFormat.RECORD_TAG) {
        return tag;
      }
      skip(tag, 0);
    }
  }

  /** Skips the entry or record that {@link #next()} found. */
  void skipContent() throws IOException {
    in.skipRawBytes(in.readRawVarint32());
  }

  /** Reads the record that {@link #next()} found into the fields of this cursor. */
  void readRecord() throws IOException {
    boolean hasPartitionKey = false;
    boolean hasData = false;
    hasExplicitHashKey = false;
    hasTags = false;
    int outerLimit = in.pushLimit(in.readRawVarint32());
    for (int tag = in.readTag(); tag != END; tag = in.readTag()) {
      if (tag == AggregateFormat.PARTITION_KEY_INDEX_TAG) {
        partitionKeyIndex = in.readRawVarint64();
        hasPartitionKey = true;
      } else if (tag == AggregateFormat.EXPLICIT_HASH_KEY_INDEX_TAG) {
        explicitHashKeyIndex = in.readRawVarint64();
        hasExplicitHashKey = true;
      } else if (tag == AggregateFormat.DATA_TAG) {
        dataBytes = in.readRawVarint32();
        dataOffset = offset();
        in.skipRawBytes(dataBytes);
        hasData = true;
      } else if (tag == AggregateFormat.TAGS_TAG) {
        readTagMessage();
        hasTags = true;
      } else {
        skip(tag, 1);
      }
    }
    in.popLimit(outerLimit);
    if (!hasPartitionKey || !hasData) {
      throw new InvalidProtocolBufferException("a record lacks a required field");
    }
  }

  /** Reads the headers of the record that {@link #next()} found. */
  List<Headers.Header> readHeaders() throws IOException {
    List<Headers.Header> headers = new ArrayList<>();
    int outerLimit = in.pushLimit(in.readRawVarint32());
    for (int tag = in.readTag(); tag != END; tag = in.readTag()) {
      if (tag == AggregateFormat.TAGS_TAG) {
        readTagMessage();
        byte[] value = Arrays.copyOfRange(bytes, tagValueOffset, tagValueOffset + tagValueBytes);
        headers.add(
            new Headers.Header(
                new String(bytes, tagKeyOffset, tagKeyBytes, StandardCharsets.UTF_8),
                HeaderValue.fromWire(value)));
      } else {
        skip(tag, 1);
      }
    }
    in.popLimit(outerLimit);
    return headers;
  }

  private void readTagMessage() throws IOException {
    boolean hasKey = false;
    tagValueOffset = fieldOffset;
    tagValueBytes = 0;
    int outerLimit = in.pushLimit(in.readRawVarint32());
    for (int tag = in.readTag(); tag != END; tag = in.readTag()) {
      if (tag == AggregateFormat.TAG_KEY_TAG) {
        tagKeyBytes = in.readRawVarint32();
        tagKeyOffset = offset();
        in.skipRawBytes(tagKeyBytes);
        hasKey = true;
      } else if (tag == AggregateFormat.TAG_VALUE_TAG) {
        tagValueBytes = in.readRawVarint32();
        tagValueOffset = offset();
        in.skipRawBytes(tagValueBytes);
      } else {
        skip(tag, 2);
      }
    }
    in.popLimit(outerLimit);
    if (!hasKey) {
      throw new InvalidProtocolBufferException("a tag lacks its key");
    }
  }

  /** Written out instead of left to the library, whose older versions don't bound the nesting. */
  private void skip(int tag, int depth) throws IOException {
    switch (WireFormat.getTagWireType(tag)) {
      case WireFormat.WIRETYPE_VARINT -> in.readRawVarint64();
      case WireFormat.WIRETYPE_FIXED64 -> in.skipRawBytes(Long.BYTES);
      case WireFormat.WIRETYPE_LENGTH_DELIMITED -> skipContent();
      case WireFormat.WIRETYPE_START_GROUP ->
          skipGroup(WireFormat.getTagFieldNumber(tag), depth + 1);
      case WireFormat.WIRETYPE_FIXED32 -> in.skipRawBytes(Integer.BYTES);
      default -> throw new InvalidProtocolBufferException("unexpected wire type");
    }
  }

  private void skipGroup(int field, int depth) throws IOException {
    if (depth > MAX_GROUP_DEPTH) {
      throw new InvalidProtocolBufferException("groups are nested too deep");
    }
    while (true) {
      int tag = in.readTag();
      if (tag == END) {
        throw new InvalidProtocolBufferException("a group has no end");
      }
      if (WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_END_GROUP) {
        if (WireFormat.getTagFieldNumber(tag) != field) {
          throw new InvalidProtocolBufferException("a group ends as another");
        }
        return;
      }
      skip(tag, depth);
    }
  }
}
