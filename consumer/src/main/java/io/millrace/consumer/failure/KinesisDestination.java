package io.millrace.consumer.failure;

import io.millrace.model.Position;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.PutRecordRequest;

/**
 * A dead-letter stream, written by a Kinesis client that the application has already: its
 * consumer's. One PutRecord for each record, in {@link FailedRecordFormat}.
 *
 * <pre>{@code
 * FailurePolicy.builder()
 *     .maximumRetryAttempts(5)
 *     .onFailure(KinesisDestination.stream(kinesis, "clicks-failed"))
 *     .build();
 * }</pre>
 *
 * <p>The record keeps its partition key if the format has it, so that the failed records of a key
 * stay together; else the key is its position. A put whose answer is lost is repeated, so the
 * stream may hold a record twice; its position tells. Needs {@code kinesis:PutRecord}. Thread-safe.
 */
public final class KinesisDestination implements OnFailureDestination {
  private final KinesisAsyncClient kinesis;
  private final String stream;
  private final FailedRecordFormat format;
  private final Duration timeout;

  private KinesisDestination(
      KinesisAsyncClient kinesis, String stream, FailedRecordFormat format, Duration timeout) {
    this.kinesis = kinesis;
    this.stream = stream;
    this.format = format;
    this.timeout = timeout;
  }

  /**
   * Writes to a stream.
   *
   * @param kinesis never closed here
   * @param nameOrArn of the stream; not one that the consumer itself reads
   */
  public static KinesisDestination stream(KinesisAsyncClient kinesis, String nameOrArn) {
    return new KinesisDestination(
        kinesis, nameOrArn, FailedRecordFormat.standard(), Duration.ofSeconds(10));
  }

  /** The same with other fields. */
  public KinesisDestination format(FailedRecordFormat chosen) {
    return new KinesisDestination(kinesis, stream, chosen, timeout);
  }

  /**
   * The same, with another time limit for each put. Default 10 s.
   *
   * @param limit more than zero
   * @throws IllegalArgumentException if it is not
   */
  public KinesisDestination timeout(Duration limit) {
    if (limit.isNegative() || limit.isZero()) {
      throw new IllegalArgumentException("timeout " + limit + ": must be more than zero");
    }
    return new KinesisDestination(kinesis, stream, format, limit);
  }

  @Override
  public CompletionStage<Void> accept(FailedRecord failed) {
    boolean arn = stream.startsWith("arn:");
    PutRecordRequest request =
        PutRecordRequest.builder()
            .streamName(arn ? null : stream)
            .streamARN(arn ? stream : null)
            .partitionKey(keyOf(failed))
            .data(SdkBytes.fromByteArrayUnsafe(format.write(failed)))
            .overrideConfiguration(settings -> settings.apiCallTimeout(timeout))
            .build();
    CompletableFuture<Void> done = new CompletableFuture<>();
    var unused =
        kinesis
            .putRecord(request)
            .whenComplete(
                (stored, error) -> {
                  if (error == null) {
                    done.complete(null);
                  } else {
                    done.completeExceptionally(error);
                  }
                });
    return done;
  }

  private String keyOf(FailedRecord failed) {
    if (format.fields().contains(FailedRecordFormat.Field.PARTITION_KEY)) {
      return failed.record().partitionKey();
    }
    Position position = failed.record().position();
    return position.sequenceNumber() + "/" + position.subSequenceNumber();
  }

  @Override
  public String toString() {
    return "KinesisDestination[stream=" + stream + ", format=" + format + "]";
  }
}
