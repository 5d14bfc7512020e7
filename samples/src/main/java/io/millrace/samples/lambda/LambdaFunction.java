package io.millrace.samples.lambda;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.aggregation.AggregateDecoder;
import io.millrace.aggregation.AggregatedMember;
import io.millrace.aggregation.AggregatedRecord;
import io.millrace.aggregation.DecodedRecord;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/**
 * The code of an AWS Lambda function whose event source is a Kinesis stream. Of Millrace it needs
 * {@code millrace-aggregation-format} alone, which brings protobuf-java and nothing of the AWS SDK.
 *
 * <p>A failing record is reported by the sequence number of its Kinesis record, so turn {@code
 * ReportBatchItemFailures} on: Lambda sends that one and all after it again. So the user records
 * before the failing one in its aggregate come twice.
 *
 * <p>The event doesn't tell the hash range of its shard. An aggregate that its producer has put
 * again after a split or merge is therefore seen twice, as by every Lambda function.
 */
public final class LambdaFunction {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final UserRecordHandler handler;

  /** What the function does with each user record. */
  @FunctionalInterface
  public interface UserRecordHandler {
    /**
     * Processes one.
     *
     * @param data read-only
     */
    void handle(String partitionKey, ByteBuffer data) throws Exception;
  }

  /** Hands each user record to this handler. */
  public LambdaFunction(UserRecordHandler handler) {
    this.handler = handler;
  }

  /** What Lambda calls, without its context: the arguments of a {@code RequestStreamHandler}. */
  public void handleRequest(InputStream event, OutputStream result) throws IOException {
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode failures = answer.putArray("batchItemFailures");
    for (JsonNode record : JSON.readTree(event).path("Records")) {
      JsonNode kinesis = record.path("kinesis");
      try {
        handle(
            kinesis.path("partitionKey").asText(),
            ByteBuffer.wrap(kinesis.path("data").binaryValue()));
      } catch (Exception e) {
        failures.addObject().put("itemIdentifier", kinesis.path("sequenceNumber").asText());
        break;
      }
    }
    JSON.writeValue(result, answer);
  }

  private void handle(String partitionKey, ByteBuffer data) throws Exception {
    DecodedRecord record = AggregateDecoder.decode(data);
    if (record instanceof AggregatedRecord aggregate) {
      for (AggregatedMember member : aggregate) {
        handler.handle(member.partitionKey(), member.data());
      }
    } else if (record instanceof DecodedRecord.Plain plain) {
      handler.handle(partitionKey, plain.data());
    } else if (record instanceof DecodedRecord.Corrupt corrupt) {
      throw new IllegalStateException("unreadable aggregate: " + corrupt.reason());
    }
  }
}
