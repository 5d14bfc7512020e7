package io.millrace.samples.deadletters;

import io.millrace.consumer.failure.FailedRecord;
import io.millrace.consumer.failure.FailedRecordFormat;
import io.millrace.consumer.failure.OnFailureDestination;
import io.millrace.producer.StreamProducer;
import java.util.concurrent.CompletionStage;

/**
 * A dead-letter stream written by a {@link StreamProducer}: worth it where many records fail, as
 * they are aggregated. The stage completes when the record is stored. Thread-safe.
 */
public final class ProducerDestination implements OnFailureDestination {
  private final StreamProducer producer;
  private final String stream;
  private final FailedRecordFormat format;

  public ProducerDestination(StreamProducer producer, String stream, FailedRecordFormat format) {
    this.producer = producer;
    this.stream = stream;
    this.format = format;
  }

  @Override
  public CompletionStage<Void> accept(FailedRecord failed) {
    return producer
        .put(stream, failed.record().partitionKey(), format.write(failed))
        .thenAccept(stored -> {});
  }
}
