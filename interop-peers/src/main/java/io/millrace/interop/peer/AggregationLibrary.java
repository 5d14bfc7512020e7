package io.millrace.interop.peer;

import com.amazonaws.kinesis.agg.AggRecord;
import com.amazonaws.kinesis.deagg.RecordDeaggregator;
import com.amazonaws.services.kinesis.clientlibrary.types.UserRecord;
import com.amazonaws.services.lambda.runtime.events.KinesisEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * The public aggregation library for Java. Bytes and keys are Base64. Commands:
 *
 * <ul>
 *   <li>{@code add <key> <explicit hash key or -> <data>}: adds a user record to the aggregate
 *   <li>{@code finish}: reports the {@code aggregate} and begins a new one
 *   <li>{@code read <sequence number> <data>}: takes a Kinesis record apart as a Lambda function
 *       does, reports its user records, and {@code end}
 * </ul>
 */
public final class AggregationLibrary {
  private final Report report;
  private AggRecord open = new AggRecord();

  private AggregationLibrary(Report report) {
    this.report = report;
  }

  /** Runs until its input ends. */
  public static void main(String[] args) throws IOException {
    Report report = Report.takeStandardOutput();
    AggregationLibrary library = new AggregationLibrary(report);
    report.event("started");
    Report.obey(library::run);
  }

  private void run(String command) {
    String[] words = command.split(" ", -1);
    try {
      switch (words[0]) {
        case "add" ->
            open.addUserRecord(
                new String(bytes(words[1]), StandardCharsets.UTF_8),
                words[2].equals("-") ? null : words[2],
                bytes(words[3]));
        case "finish" -> {
          report.event("aggregate", Base64.getEncoder().encodeToString(open.toRecordBytes()));
          open = new AggRecord();
        }
        case "read" -> read(words[1], bytes(words[2]));
        default -> throw new IllegalArgumentException(words[0]);
      }
    } catch (Exception e) {
      report.event("failed", e.toString());
    }
  }

  private void read(String sequenceNumber, byte[] data) {
    KinesisEvent.Record kinesis = new KinesisEvent.Record();
    kinesis.setSequenceNumber(sequenceNumber);
    kinesis.setPartitionKey("a");
    kinesis.setData(ByteBuffer.wrap(data));
    KinesisEvent.KinesisEventRecord record = new KinesisEvent.KinesisEventRecord();
    record.setKinesis(kinesis);
    for (UserRecord member : RecordDeaggregator.deaggregate(record)) {
      report.delivered(
          Delivery.of(
              "",
              member.getSequenceNumber(),
              member.getSubSequenceNumber(),
              member.getPartitionKey(),
              Optional.ofNullable(member.getExplicitHashKey()).orElse(""),
              member.getData()));
    }
    report.event("end");
  }

  private static byte[] bytes(String base64) {
    return Base64.getDecoder().decode(base64);
  }
}
