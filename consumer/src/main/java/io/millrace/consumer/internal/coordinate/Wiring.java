package io.millrace.consumer.internal.coordinate;

import io.millrace.consumer.StreamConsumer;
import io.millrace.consumer.lease.LeaseStore;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/** Builds a stream consumer out of its parts. */
public final class Wiring {
  private Wiring() {}

  /** See {@link StreamConsumer#builder}. */
  @SuppressWarnings("DoNotCallSuggester")
  public static StreamConsumer.Builder builder(
      String application, KinesisAsyncClient kinesis, LeaseStore leases) {
    throw new UnsupportedOperationException("the worker loop is not wired yet");
  }
}
