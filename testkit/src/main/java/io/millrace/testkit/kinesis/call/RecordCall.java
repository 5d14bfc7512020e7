package io.millrace.testkit.kinesis.call;

import io.millrace.testkit.kinesis.model.ChildShard;
import io.millrace.testkit.kinesis.model.EncryptionType;
import io.millrace.testkit.kinesis.model.ErrorCode;
import io.millrace.testkit.kinesis.model.KinesisRecord;
import io.millrace.testkit.kinesis.model.StartingPosition;
import io.millrace.testkit.kinesis.model.StreamRef;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The calls that write and read records.
 *
 * <p>Required fields are nullable where a client can leave them out: the core answers as the
 * service does.
 *
 * @param <R> the reply
 */
public sealed interface RecordCall<R> extends KinesisRequest<R> {
  /**
   * Puts one record. Immutable.
   *
   * @param stream the stream, by name, ARN or both
   * @param data the payload, from position to limit; required; the core keeps its bytes: don't
   *     change them afterwards
   * @param partitionKey 1 to 256 characters; required unless the distribution is AUTO
   * @param explicitHashKey decimal hash key that overrides the key's, or null
   * @param sequenceNumberForOrdering the number of the record before, or null
   */
  record PutRecord(
      StreamRef stream,
      @Nullable ByteBuffer data,
      @Nullable String partitionKey,
      @Nullable String explicitHashKey,
      @Nullable String sequenceNumberForOrdering)
      implements RecordCall<PutRecordReply> {
    @Override
    public String toString() {
      return "PutRecord[stream=" + stream + "]";
    }

    @Override
    public Operation operation() {
      return Operation.PUT_RECORD;
    }

    @Override
    public PutRecordReply applyTo(KinesisOperations operations) {
      return operations.putRecord(this);
    }
  }

  /**
   * Where the record went. Immutable.
   *
   * @param shardId its shard
   * @param sequenceNumber its number
   * @param encryptionType how it was stored
   */
  record PutRecordReply(String shardId, String sequenceNumber, EncryptionType encryptionType) {}

  /**
   * Puts up to 500 records; each succeeds or fails alone. Immutable.
   *
   * @param stream the stream, by name, ARN or both
   * @param entries the records in order; kept as given, don't change the list afterwards
   */
  record PutRecords(StreamRef stream, List<PutEntry> entries)
      implements RecordCall<PutRecordsReply> {
    @Override
    public Operation operation() {
      return Operation.PUT_RECORDS;
    }

    @Override
    public PutRecordsReply applyTo(KinesisOperations operations) {
      return operations.putRecords(this);
    }
  }

  /**
   * A record of a PutRecords. Immutable.
   *
   * @param data the payload, from position to limit; required; the core keeps its bytes: don't
   *     change them afterwards
   * @param partitionKey 1 to 256 characters; required unless the distribution is AUTO
   * @param explicitHashKey decimal hash key that overrides the key's, or null
   */
  record PutEntry(
      @Nullable ByteBuffer data, @Nullable String partitionKey, @Nullable String explicitHashKey) {
    @Override
    public String toString() {
      return "PutEntry[" + (data == null ? 0 : data.remaining()) + " bytes]";
    }
  }

  /**
   * What became of each record. Immutable.
   *
   * @param results one per entry, in order
   * @param failedRecordCount how many failed
   * @param encryptionType how they were stored
   */
  record PutRecordsReply(
      List<PutResult> results, int failedRecordCount, EncryptionType encryptionType) {}

  /**
   * What became of a record: shard and number, or code and message. Immutable.
   *
   * @param shardId its shard, or null if it failed
   * @param sequenceNumber its number, or null if it failed
   * @param errorCode why it failed, or null
   * @param errorMessage the service's text, or null
   */
  record PutResult(
      @Nullable String shardId,
      @Nullable String sequenceNumber,
      @Nullable ErrorCode errorCode,
      @Nullable String errorMessage) {
    /** A record that was taken. */
    public static PutResult stored(String shardId, String sequenceNumber) {
      return new PutResult(shardId, sequenceNumber, null, null);
    }

    /** A record that failed. */
    public static PutResult failed(ErrorCode code, String message) {
      return new PutResult(null, null, code, message);
    }

    /** Whether the record was refused. */
    public boolean isFailed() {
      return errorCode != null;
    }
  }

  /**
   * Makes a cursor that lives for five minutes. Immutable.
   *
   * @param stream the stream, by name, ARN or both
   * @param shardId the shard; required
   * @param position where to begin
   */
  record GetShardIterator(StreamRef stream, @Nullable String shardId, StartingPosition position)
      implements RecordCall<GetShardIteratorReply> {
    @Override
    public Operation operation() {
      return Operation.GET_SHARD_ITERATOR;
    }

    @Override
    public GetShardIteratorReply applyTo(KinesisOperations operations) {
      return operations.getShardIterator(this);
    }
  }

  /**
   * A cursor. Immutable.
   *
   * @param shardIterator for GetRecords
   */
  record GetShardIteratorReply(String shardIterator) {}

  /**
   * Reads from a cursor on. Immutable.
   *
   * @param stream the stream's ARN, or NONE
   * @param shardIterator the cursor; required
   * @param limit most records, 1 to 10000; null means 10000
   */
  record GetRecords(StreamRef stream, @Nullable String shardIterator, @Nullable Integer limit)
      implements RecordCall<GetRecordsReply> {
    /** Reads as much as a reply holds. */
    public static GetRecords from(String shardIterator) {
      return new GetRecords(StreamRef.NONE, shardIterator, null);
    }

    @Override
    public Operation operation() {
      return Operation.GET_RECORDS;
    }

    @Override
    public GetRecordsReply applyTo(KinesisOperations operations) {
      return operations.getRecords(this);
    }
  }

  /**
   * Records and the next cursor. Immutable.
   *
   * @param records in order of sequence number; may be empty before the tip
   * @param nextShardIterator the next cursor; null once a closed shard is read to its end
   * @param millisBehindLatest distance to the tip in milliseconds; 0 at the tip
   * @param childShards the children, only with a null cursor
   */
  record GetRecordsReply(
      List<KinesisRecord> records,
      @Nullable String nextShardIterator,
      long millisBehindLatest,
      List<ChildShard> childShards) {}
}
