package io.millrace.samples.deadletters;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.consumer.failure.FailedRecord;
import io.millrace.consumer.failure.FailedRecordFormat;
import io.millrace.consumer.failure.OnFailureDestination;
import java.util.concurrent.CompletionStage;
import software.amazon.awssdk.services.sqs.SqsAsyncClient;

/**
 * A dead-letter queue in SQS. A message holds 1 MiB at most: larger payloads are left out, and the
 * message says where the record is. Thread-safe.
 */
public final class SqsDestination implements OnFailureDestination {
  /** In base64, and with everything else around it, this is still less than a message's limit. */
  private static final int MAX_DATA_BYTES = 700_000;

  private final SqsAsyncClient sqs;
  private final String queueUrl;
  private final FailedRecordFormat format;

  public SqsDestination(SqsAsyncClient sqs, String queueUrl, FailedRecordFormat format) {
    this.sqs = sqs;
    this.queueUrl = queueUrl;
    this.format = format.maxDataBytes(MAX_DATA_BYTES);
  }

  @Override
  public CompletionStage<Void> accept(FailedRecord failed) {
    String body = new String(format.write(failed), UTF_8);
    return sqs.sendMessage(message -> message.queueUrl(queueUrl).messageBody(body))
        .thenAccept(sent -> {});
  }
}
