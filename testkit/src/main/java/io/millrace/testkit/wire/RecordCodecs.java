package io.millrace.testkit.wire;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.millrace.testkit.kinesis.call.RecordCall.GetRecords;
import io.millrace.testkit.kinesis.call.RecordCall.GetRecordsReply;
import io.millrace.testkit.kinesis.call.RecordCall.GetShardIterator;
import io.millrace.testkit.kinesis.call.RecordCall.GetShardIteratorReply;
import io.millrace.testkit.kinesis.call.RecordCall.PutEntry;
import io.millrace.testkit.kinesis.call.RecordCall.PutRecord;
import io.millrace.testkit.kinesis.call.RecordCall.PutRecordReply;
import io.millrace.testkit.kinesis.call.RecordCall.PutRecords;
import io.millrace.testkit.kinesis.call.RecordCall.PutRecordsReply;
import io.millrace.testkit.kinesis.call.RecordCall.PutResult;
import io.millrace.testkit.kinesis.model.ChildShard;
import io.millrace.testkit.kinesis.model.EncryptionType;
import io.millrace.testkit.kinesis.model.KinesisRecord;
import io.millrace.testkit.kinesis.model.StartingPosition;
import io.millrace.testkit.kinesis.model.StreamRef;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The operations that write and read records: the hot ones, read and written as streams. */
final class RecordCodecs {
  private static final int RESULT_BYTES = 160;
  private static final int RECORD_OVERHEAD_BYTES = 256;
  private static final int EXPECTED_ENTRIES = 64;

  static final OperationCodec<PutRecordReply> PUT_RECORD =
      OperationCodec.of(
          (in, format) ->
              new PutRecord(
                  in.stream(),
                  in.binary("Data"),
                  in.text("PartitionKey"),
                  in.text("ExplicitHashKey"),
                  in.text("SequenceNumberForOrdering")),
          (reply, out) -> {
            out.text("ShardId", reply.shardId());
            out.text("SequenceNumber", reply.sequenceNumber());
            encryption(reply.encryptionType(), out);
          });

  static final OperationCodec<PutRecordsReply> PUT_RECORDS =
      OperationCodec.streamed(
          (parser, format) -> readPutRecords(parser),
          RecordCodecs::writePutRecordsReply,
          reply -> 64 + reply.results().size() * RESULT_BYTES);

  static final OperationCodec<GetShardIteratorReply> GET_SHARD_ITERATOR =
      OperationCodec.of(
          (in, format) ->
              new GetShardIterator(
                  in.stream(),
                  in.text("ShardId"),
                  new StartingPosition(
                      in.requiredChoice("ShardIteratorType", StartingPosition.Type.class),
                      in.text("StartingSequenceNumber"),
                      in.timestamp("Timestamp", format))),
          (reply, out) -> out.text("ShardIterator", reply.shardIterator()));

  static final OperationCodec<GetRecordsReply> GET_RECORDS =
      OperationCodec.sized(
          (in, format) ->
              new GetRecords(in.stream(), in.text("ShardIterator"), in.integer("Limit")),
          (reply, out) -> {
            writeRecords(reply.records(), out);
            out.text("NextShardIterator", reply.nextShardIterator());
            out.number("MillisBehindLatest", reply.millisBehindLatest());
            writeChildShards(reply.childShards(), out);
          },
          reply -> sizeOf(reply.records()));

  private RecordCodecs() {}

  /** About how many bytes the records take on the wire. */
  static int sizeOf(List<KinesisRecord> records) {
    int size = RECORD_OVERHEAD_BYTES;
    for (KinesisRecord record : records) {
      size += record.data().remaining() + RECORD_OVERHEAD_BYTES;
    }
    return size;
  }

  static void writeRecords(List<KinesisRecord> records, WireWriter out) throws IOException {
    out.beginArray("Records");
    for (KinesisRecord record : records) {
      out.beginObject();
      out.text("SequenceNumber", record.sequenceNumber());
      out.timestamp("ApproximateArrivalTimestamp", record.approximateArrivalTimestamp());
      out.binary("Data", record.data());
      out.text("PartitionKey", record.partitionKey());
      encryption(record.encryptionType(), out);
      out.endObject();
    }
    out.endArray();
  }

  static void writeChildShards(List<ChildShard> children, WireWriter out) throws IOException {
    if (children.isEmpty()) {
      return;
    }
    out.beginArray("ChildShards");
    for (ChildShard child : children) {
      out.beginObject();
      out.text("ShardId", child.shardId());
      out.texts("ParentShards", child.parentShardIds());
      ShardCodecs.writeHashKeyRange(child.startingHashKey(), child.endingHashKey(), out);
      out.endObject();
    }
    out.endArray();
  }

  /** The service names the type only where there is encryption. */
  private static void encryption(EncryptionType type, WireWriter out) throws IOException {
    if (type != EncryptionType.NONE) {
      out.text("EncryptionType", type);
    }
  }

  private static PutRecords readPutRecords(JsonParser in) throws IOException {
    expect(in.nextToken(), JsonToken.START_OBJECT);
    String streamName = null;
    String streamArn = null;
    List<PutEntry> entries = List.of();
    for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
      in.nextToken();
      switch (name) {
        case "Records" -> entries = readEntries(in);
        case "StreamName" -> streamName = text(in);
        case "StreamARN" -> streamArn = text(in);
        default -> in.skipChildren();
      }
    }
    expect(in.currentToken(), JsonToken.END_OBJECT);
    return new PutRecords(new StreamRef(streamName, streamArn), entries);
  }

  private static List<PutEntry> readEntries(JsonParser in) throws IOException {
    expect(in.currentToken(), JsonToken.START_ARRAY);
    List<PutEntry> entries = new ArrayList<>(EXPECTED_ENTRIES);
    while (in.nextToken() == JsonToken.START_OBJECT) {
      entries.add(readEntry(in));
    }
    expect(in.currentToken(), JsonToken.END_ARRAY);
    return entries;
  }

  private static PutEntry readEntry(JsonParser in) throws IOException {
    ByteBuffer data = null;
    String partitionKey = null;
    String explicitHashKey = null;
    for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
      in.nextToken();
      switch (name) {
        case "Data" -> data = binary(in);
        case "PartitionKey" -> partitionKey = text(in);
        case "ExplicitHashKey" -> explicitHashKey = text(in);
        default -> in.skipChildren();
      }
    }
    expect(in.currentToken(), JsonToken.END_OBJECT);
    return new PutEntry(data, partitionKey, explicitHashKey);
  }

  private static @Nullable String text(JsonParser in) throws IOException {
    if (in.currentToken() == JsonToken.VALUE_NULL) {
      return null;
    }
    expect(in.currentToken(), JsonToken.VALUE_STRING);
    return in.getText();
  }

  private static @Nullable ByteBuffer binary(JsonParser in) throws IOException {
    return in.currentToken() == JsonToken.VALUE_NULL ? null : ByteBuffer.wrap(in.getBinaryValue());
  }

  private static void expect(@Nullable JsonToken token, JsonToken expected) {
    if (token != expected) {
      throw WireException.unreadable("The body does not have the shape of a PutRecords request.");
    }
  }

  private static void writePutRecordsReply(PutRecordsReply reply, WireWriter out)
      throws IOException {
    out.number("FailedRecordCount", reply.failedRecordCount());
    out.beginArray("Records");
    for (PutResult result : reply.results()) {
      out.beginObject();
      out.text("SequenceNumber", result.sequenceNumber());
      out.text("ShardId", result.shardId());
      if (result.errorCode() != null) {
        out.text("ErrorCode", result.errorCode().wireName());
        out.text("ErrorMessage", result.errorMessage());
      }
      out.endObject();
    }
    out.endArray();
    encryption(reply.encryptionType(), out);
  }
}
