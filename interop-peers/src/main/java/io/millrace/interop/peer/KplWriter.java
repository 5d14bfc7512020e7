package io.millrace.interop.peer;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.MoreExecutors;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.kinesis.producer.KinesisProducer;
import software.amazon.kinesis.producer.KinesisProducerConfiguration;
import software.amazon.kinesis.producer.UserRecordResult;

/**
 * A KPL. Arguments: {@code --kinesis} (an address with TLS), {@code --region}, {@code --stream}.
 * The command {@code put <from> <to> <size>} puts numbered records, and reports {@code stored} with
 * shard and sequence number or {@code failed} with the reason for each, and {@code put} when all
 * have an outcome.
 */
public final class KplWriter {
  /** Nothing listens there. */
  private static final int CLOSED_PORT = 9;

  /** The machine may be busy; a retry after a time-out would count twice. */
  private static final long TIMEOUT_MILLIS = 60_000;

  private final KinesisProducer producer;
  private final String stream;
  private final Report report;

  private KplWriter(KinesisProducer producer, String stream, Report report) {
    this.producer = producer;
    this.stream = stream;
    this.report = report;
  }

  /** Runs until its input ends. */
  public static void main(String[] args) throws IOException {
    Report report = Report.takeStandardOutput();
    Options options = new Options(args);
    KinesisProducer producer =
        new KinesisProducer(
            new KinesisProducerConfiguration()
                .setKinesisEndpoint("127.0.0.1")
                .setKinesisPort(options.uri("--kinesis").getPort())
                .setStsEndpoint("127.0.0.1")
                .setStsPort(CLOSED_PORT)
                .setCloudwatchEndpoint("127.0.0.1")
                .setCloudwatchPort(CLOSED_PORT)
                .setVerifyCertificate(false)
                .setMetricsLevel("none")
                .setRegion(options.get("--region"))
                .setCredentialsProvider(
                    StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
                .setMaxUserRecordSize(10 << 20)
                .setRequestTimeout(TIMEOUT_MILLIS)
                .setRecordTtl(TIMEOUT_MILLIS));
    KplWriter writer = new KplWriter(producer, options.get("--stream"), report);
    report.event("started");
    Report.obey(
        command -> {
          String[] words = command.split(" ", -1);
          if (words[0].equals("put")) {
            writer.put(
                Integer.parseInt(words[1]), Integer.parseInt(words[2]), Integer.parseInt(words[3]));
          } else {
            // Its own process might outlive this one.
            producer.destroy();
            Runtime.getRuntime().halt(0);
          }
        });
  }

  private void put(int from, int to, int sizeBytes) {
    AtomicInteger open = new AtomicInteger(to - from);
    for (int i = from; i < to; i++) {
      int number = i;
      NumberedRecord record = NumberedRecord.of(number, sizeBytes);
      Futures.addCallback(
          producer.addUserRecord(
              stream,
              record.partitionKey(),
              record.explicitHashKey().map(BigInteger::toString).orElse(null),
              ByteBuffer.wrap(record.payload())),
          new FutureCallback<UserRecordResult>() {
            @Override
            public void onSuccess(@Nullable UserRecordResult result) {
              UserRecordResult stored = Objects.requireNonNull(result, "a result");
              settled(open, "stored", number, stored.getShardId(), stored.getSequenceNumber());
            }

            @Override
            public void onFailure(Throwable error) {
              settled(open, "failed", number, error.toString().replaceAll("\\s+", " "), "");
            }
          },
          MoreExecutors.directExecutor());
    }
    producer.flush();
  }

  private void settled(
      AtomicInteger open, String outcome, int number, String what, String sequenceNumber) {
    report.event(outcome, Integer.toString(number), what, sequenceNumber);
    if (open.decrementAndGet() == 0) {
      report.event("put");
    }
  }
}
