package io.millrace.aggregation;

import com.google.protobuf.CodedOutputStream;
import io.millrace.model.HashKey;
import java.nio.ByteBuffer;
import java.security.DigestException;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * One open aggregate: takes user records until it is full, then gives the bytes of the Kinesis
 * record, and can be used again.
 *
 * <p>Each user record is written once, straight into chunks of memory, in its final encoding; its
 * size in the aggregate is known exactly before it is added. {@link #finish()} joins the key tables
 * and the chunks into one array of the exact size and adds the checksum: it costs about as much per
 * byte as the MD5 does, so a producer calls it outside the lock under which records are added.
 *
 * <p>All records of an aggregate must belong to the same shard, or readers drop it as a whole: the
 * encoder doesn't check that. Equal keys are stored once. Order is kept. Equal input gives equal
 * bytes.
 *
 * <p>Not thread-safe: confined to one thread, or guarded by one lock. After an unchecked exception
 * other than {@link IllegalArgumentException} the encoder must not be used any more.
 */
public final class AggregateEncoder {
  /** What the frame of an aggregate costs: 4 bytes magic number, 16 bytes checksum. */
  public static final int OVERHEAD_BYTES = AggregateFormat.OVERHEAD_BYTES;

  private static final int DEFAULT_CHUNK_BYTES = 8 * 1024;

  /** The first bytes of a record, up to its data: 4 field keys and 4 varints of up to 5 bytes. */
  private static final int MAX_PREFIX_BYTES = 24;

  private static final byte[] MAGIC = ByteBuffer.allocate(4).putInt(AggregateFormat.MAGIC).array();

  private final long maxBytes;
  private final ChunkedBuffer records;
  private final KeyTable<String> partitionKeys = new KeyTable<>();
  private final KeyTable<HashKey> explicitHashKeys = new KeyTable<>();

  private int memberCount;
  private long sizeBytes = OVERHEAD_BYTES;

  /**
   * Where the first member's data lie in the record section: a lone record leaves without frame.
   */
  private int firstDataOffset;

  private int firstDataBytes;

  /** What a call of {@link #tryAdd} did. */
  public enum AddResult {
    /** The record is in the aggregate. */
    ADDED,
    /**
     * The record doesn't fit under the maximum size any more; nothing has changed. An empty encoder
     * answers so to a record that would not even fit alone: send it plain.
     */
    FULL,
    /** The chunk pool gave too little memory; nothing has changed. */
    NO_MEMORY
  }

  /**
   * Opens an aggregate that allocates its memory in chunks of 8 KiB.
   *
   * @param maxBytes the highest size of the Kinesis record's data, from 20 to 2^31-1-8
   * @throws IllegalArgumentException if {@code maxBytes} is out of range
   */
  public AggregateEncoder(long maxBytes) {
    this(maxBytes, ChunkPool.unpooled(DEFAULT_CHUNK_BYTES));
  }

  /**
   * Opens an aggregate on memory from a pool. Nothing is taken from it before the first record.
   *
   * @param maxBytes the highest size of the Kinesis record's data, from 20 to 2^31-1-8
   * @param pool gives the chunks, which are returned by {@link #finish()} and {@link #reset()}
   * @throws IllegalArgumentException if {@code maxBytes} is out of range
   */
  public AggregateEncoder(long maxBytes, ChunkPool pool) {
    if (maxBytes < OVERHEAD_BYTES || maxBytes > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "maxBytes " + maxBytes + ": it must be from " + OVERHEAD_BYTES + " to 2^31-1-8");
    }
    this.maxBytes = maxBytes;
    this.records = new ChunkedBuffer(pool);
  }

  /** The number of user records added. */
  public int memberCount() {
    return memberCount;
  }

  /** The exact size that {@link #finish()} would give now; {@link #OVERHEAD_BYTES} when empty. */
  public long sizeBytes() {
    return sizeBytes;
  }

  /** The memory in chunks that this encoder holds now. Key text and the key index come on top. */
  public long heldBytes() {
    return records.heldBytes();
  }

  /**
   * The exact size that {@link #finish()} would give if this record were added.
   *
   * @param explicitHashKey overrides the hash of the partition key; null for none
   * @param dataBytes 0 or more
   * @throws IllegalArgumentException if the partition key holds an unpaired surrogate, or {@code
   *     dataBytes} is negative
   */
  public long sizeBytesWith(
      String partitionKey, @Nullable HashKey explicitHashKey, int dataBytes, Headers headers) {
    int keyIndex = partitionKeys.indexOf(partitionKey);
    int hashKeyIndex = explicitHashKey == null ? -1 : explicitHashKeys.indexOf(explicitHashKey);
    return sizeBytes
        + tableGrowth(partitionKey, keyIndex, explicitHashKey, hashKeyIndex)
        + framed(recordBytes(keyIndex, hashKeyIndex, dataBytes, headers.wireBytes().length));
  }

  /**
   * The exact size of an aggregate that holds this record alone.
   *
   * @param explicitHashKey overrides the hash of the partition key; null for none
   * @param dataBytes 0 or more
   * @throws IllegalArgumentException if the partition key holds an unpaired surrogate, or {@code
   *     dataBytes} is negative
   */
  public static long sizeBytesAlone(
      String partitionKey, @Nullable HashKey explicitHashKey, int dataBytes, Headers headers) {
    long tables = framed(Utf8.length(partitionKey, "partition key"));
    if (explicitHashKey != null) {
      tables += framed(explicitHashKey.decimalLength());
    }
    int hashKeyIndex = explicitHashKey == null ? -1 : 0;
    return OVERHEAD_BYTES
        + tables
        + framed(recordBytes(0, hashKeyIndex, dataBytes, headers.wireBytes().length));
  }

  /**
   * Adds a user record if it fits. The data are copied; the key is kept until {@link #finish()}.
   *
   * @param partitionKey any text that UTF-8 can hold; the limit of 256 characters is the caller's
   * @param explicitHashKey overrides the hash of the partition key; null for none
   * @param data its remaining bytes; the position doesn't move. No other thread may change position
   *     or limit meanwhile
   * @param headers {@link Headers#NONE} for none
   * @throws IllegalArgumentException if the partition key holds an unpaired surrogate; nothing has
   *     changed
   */
  public AddResult tryAdd(
      String partitionKey, @Nullable HashKey explicitHashKey, ByteBuffer data, Headers headers) {
    byte[] tags = headers.wireBytes();
    AddResult result = begin(partitionKey, explicitHashKey, data.remaining(), tags.length);
    if (result == AddResult.ADDED) {
      records.write(data);
      records.write(tags, 0, tags.length);
    }
    return result;
  }

  /**
   * Adds a user record if it fits: as {@link #tryAdd(String, HashKey, ByteBuffer, Headers)}, with
   * the data in an array.
   *
   * @throws IllegalArgumentException if the partition key holds an unpaired surrogate; nothing has
   *     changed
   */
  public AddResult tryAdd(
      String partitionKey, @Nullable HashKey explicitHashKey, byte[] data, Headers headers) {
    byte[] tags = headers.wireBytes();
    AddResult result = begin(partitionKey, explicitHashKey, data.length, tags.length);
    if (result == AddResult.ADDED) {
      records.write(data, 0, data.length);
      records.write(tags, 0, tags.length);
    }
    return result;
  }

  /**
   * Closes the aggregate: returns its bytes in an array of the exact size, gives all chunks back,
   * and leaves the encoder empty.
   *
   * @throws IllegalStateException if the encoder is empty
   */
  public byte[] finish() {
    if (memberCount == 0) {
      throw new IllegalStateException("an empty aggregate can't be finished: add a record first");
    }
    byte[] aggregate = new byte[(int) sizeBytes];
    int checksumOffset = aggregate.length - AggregateFormat.CHECKSUM_BYTES;
    System.arraycopy(MAGIC, 0, aggregate, 0, AggregateFormat.MAGIC_BYTES);
    int at = AggregateFormat.MAGIC_BYTES;
    for (int i = 0; i < partitionKeys.size(); i++) {
      at = writeKey(AggregateFormat.PARTITION_KEY_TAG, partitionKeys.get(i), aggregate, at);
    }
    for (int i = 0; i < explicitHashKeys.size(); i++) {
      String decimal = explicitHashKeys.get(i).toString();
      at = writeKey(AggregateFormat.EXPLICIT_HASH_KEY_TAG, decimal, aggregate, at);
    }
    at = records.copyAllTo(aggregate, at);
    if (at != checksumOffset) {
      throw new IllegalStateException("the running size is wrong: this is a defect");
    }
    try {
      MessageDigest checksum = AggregateFormat.newChecksum();
      checksum.update(
          aggregate, AggregateFormat.MAGIC_BYTES, checksumOffset - AggregateFormat.MAGIC_BYTES);
      checksum.digest(aggregate, checksumOffset, AggregateFormat.CHECKSUM_BYTES);
    } catch (DigestException e) {
      throw new IllegalStateException("the running size is wrong: this is a defect", e);
    }
    reset();
    return aggregate;
  }

  /**
   * Closes an aggregate of one record as a plain record: returns that record's data alone, without
   * key and headers, gives all chunks back, and leaves the encoder empty.
   *
   * @throws IllegalStateException if the encoder doesn't hold exactly one record
   */
  public byte[] finishPlain() {
    if (memberCount != 1) {
      throw new IllegalStateException(
          "an aggregate of " + memberCount + " records can't be finished as a plain record");
    }
    byte[] data = new byte[firstDataBytes];
    records.copyTo(data, firstDataOffset);
    reset();
    return data;
  }

  /** Drops all records and gives all chunks back; the encoder can be used again. */
  public void reset() {
    records.clear();
    partitionKeys.clear();
    explicitHashKeys.clear();
    memberCount = 0;
    sizeBytes = OVERHEAD_BYTES;
  }

  /** Numbers only: no key and no content. */
  @Override
  public String toString() {
    return "AggregateEncoder[memberCount=" + memberCount + ", sizeBytes=" + sizeBytes + "]";
  }

  /** Writes a key of a table; returns the position behind it. */
  private static int writeKey(int tag, String key, byte[] target, int position) {
    int bytes = Utf8.length(key, "key");
    int at = Varint.write(tag, target, position);
    return Utf8.write(key, bytes, target, Varint.write(bytes, target, at));
  }

  /** Decides, reserves and writes everything up to the data. */
  private AddResult begin(
      String partitionKey, @Nullable HashKey explicitHashKey, int dataBytes, int tagsBytes) {
    int keyIndex = partitionKeys.indexOf(partitionKey);
    int hashKeyIndex = explicitHashKey == null ? -1 : explicitHashKeys.indexOf(explicitHashKey);
    long recordBytes = recordBytes(keyIndex, hashKeyIndex, dataBytes, tagsBytes);
    long framedBytes = framed(recordBytes);
    long newSizeBytes =
        sizeBytes
            + tableGrowth(partitionKey, keyIndex, explicitHashKey, hashKeyIndex)
            + framedBytes;
    if (newSizeBytes > maxBytes) {
      return AddResult.FULL;
    }
    if (!records.reserve(MAX_PREFIX_BYTES, (int) framedBytes)) {
      return AddResult.NO_MEMORY;
    }
    writePrefix((int) recordBytes, keyIndex, hashKeyIndex, dataBytes);
    if (keyIndex == partitionKeys.size()) {
      partitionKeys.add(partitionKey);
    }
    if (explicitHashKey != null && hashKeyIndex == explicitHashKeys.size()) {
      explicitHashKeys.add(explicitHashKey);
    }
    if (memberCount == 0) {
      firstDataOffset = (int) framedBytes - dataBytes - tagsBytes;
      firstDataBytes = dataBytes;
    }
    memberCount++;
    sizeBytes = newSizeBytes;
    return AddResult.ADDED;
  }

  private void writePrefix(int recordBytes, int keyIndex, int hashKeyIndex, int dataBytes) {
    records.write(AggregateFormat.RECORD_TAG, recordBytes);
    records.write(AggregateFormat.PARTITION_KEY_INDEX_TAG, keyIndex);
    if (hashKeyIndex >= 0) {
      records.write(AggregateFormat.EXPLICIT_HASH_KEY_INDEX_TAG, hashKeyIndex);
    }
    records.write(AggregateFormat.DATA_TAG, dataBytes);
  }

  private long tableGrowth(
      String partitionKey, int keyIndex, @Nullable HashKey explicitHashKey, int hashKeyIndex) {
    long growth = 0;
    if (keyIndex == partitionKeys.size()) {
      growth += framed(Utf8.length(partitionKey, "partition key"));
    }
    if (explicitHashKey != null && hashKeyIndex == explicitHashKeys.size()) {
      growth += framed(explicitHashKey.decimalLength());
    }
    return growth;
  }

  /** The size of a Record message without its frame. */
  private static long recordBytes(int keyIndex, int hashKeyIndex, int dataBytes, int tagsBytes) {
    if (dataBytes < 0) {
      throw new IllegalArgumentException("dataBytes " + dataBytes + ": it must be at least 0");
    }
    long bytes = framed(dataBytes) + tagsBytes + indexBytes(keyIndex);
    return hashKeyIndex < 0 ? bytes : bytes + indexBytes(hashKeyIndex);
  }

  private static long indexBytes(int index) {
    return (long) AggregateFormat.FIELD_KEY_BYTES + CodedOutputStream.computeUInt32SizeNoTag(index);
  }

  /** The size of a length-delimited field with the given content. */
  private static long framed(long contentBytes) {
    return AggregateFormat.FIELD_KEY_BYTES
        + CodedOutputStream.computeUInt64SizeNoTag(contentBytes)
        + contentBytes;
  }
}
