package io.millrace.producer.internal.send;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows each PutRecords request to Micrometer's observation handlers. Whatever these throw, the
 * request goes on. Never shows content. Thread-safe.
 */
public final class ObservedKinesis implements KinesisPort {
  private static final Logger LOG = LoggerFactory.getLogger(ObservedKinesis.class);
  private static final String NAME = "millrace.producer.request";

  private final KinesisPort target;
  private final ObservationRegistry registry;

  private ObservedKinesis(KinesisPort target, ObservationRegistry registry) {
    this.target = target;
    this.registry = registry;
  }

  /** The port itself where nobody observes. */
  public static KinesisPort of(KinesisPort target, ObservationRegistry registry) {
    return registry.isNoop() ? target : new ObservedKinesis(target, registry);
  }

  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // the dependent stage only observes
  public CompletableFuture<PutRecordsReply> putRecords(
      StreamAddress stream, List<PutEntry> entries) {
    Observation observation = started(stream, entries.size());
    CompletableFuture<PutRecordsReply> call = target.putRecords(stream, entries);
    call.whenComplete((reply, failure) -> stop(observation, reply, failure));
    return call;
  }

  @Override
  public CompletableFuture<List<ShardDescription>> listShards(StreamAddress stream) {
    return target.listShards(stream);
  }

  @Override
  public CompletableFuture<StreamSummary> describeStreamSummary(StreamAddress stream) {
    return target.describeStreamSummary(stream);
  }

  @Override
  public String location() {
    return target.location();
  }

  private Observation started(StreamAddress stream, int records) {
    try {
      return Observation.createNotStarted(NAME, registry)
          .contextualName("PutRecords " + stream.name())
          .lowCardinalityKeyValue("stream", stream.text())
          .highCardinalityKeyValue("records", Integer.toString(records))
          .start();
    } catch (RuntimeException e) {
      LOG.warn("an observation handler threw an exception; the request goes on", e);
      return Observation.NOOP;
    }
  }

  private static void stop(
      Observation observation, @Nullable PutRecordsReply reply, @Nullable Throwable failure) {
    try {
      if (reply != null) {
        long refused =
            reply.entries().stream().filter(EntryReply.Rejected.class::isInstance).count();
        observation
            .lowCardinalityKeyValue("code", "Success")
            .highCardinalityKeyValue("records.rejected", Long.toString(refused))
            .highCardinalityKeyValue("request.id", reply.requestId());
      } else if (failure != null) {
        boolean givenUp = failure instanceof java.util.concurrent.CancellationException;
        String code = givenUp ? "Timeout" : KinesisCallException.failureOf(failure).code();
        observation.lowCardinalityKeyValue("code", code).error(failure);
      }
      observation.stop();
    } catch (RuntimeException e) {
      LOG.warn("an observation handler threw an exception; the outcome goes on", e);
    }
  }
}
