package io.millrace.consumer.internal.process;

import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.ReceiverContext;
import io.millrace.consumer.handler.ReceivedRecord;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * One Micrometer observation around each call of user code. The context of a call with a single
 * record is a {@link ReceiverContext} over the record's headers, so that a tracing handler goes on
 * with the trace that the producer wrote there; a batch has many origins, and begins a trace of its
 * own.
 *
 * <p>No key value has record content. Costs nothing with {@link ObservationRegistry#NOOP}.
 * Thread-safe.
 */
public final class CallObservations {
  /** The name of the observations. */
  static final String NAME = "millrace.consumer.process";

  private final ObservationRegistry registry;

  /** Observes for a registry. */
  public CallObservations(ObservationRegistry registry) {
    this.registry = registry;
  }

  /** Calls user code with the current part of some work. */
  CallResult call(UserCode code, Work work, Duration behindLatest, HandlerContext context)
      throws Exception {
    if (registry.isNoop()) {
      return code.call(work, behindLatest);
    }
    Observation observation =
        Observation.createNotStarted(NAME, () -> contextOf(work), registry)
            .contextualName(context.shard() + " process")
            .lowCardinalityKeyValues(
                KeyValues.of("application", context.application(), "stream", context.stream()))
            .highCardinalityKeyValues(
                KeyValues.of(
                    "shard",
                    context.shard().value(),
                    "position",
                    work.head().position().toString(),
                    "records",
                    Integer.toString(work.partSize()),
                    "attempt",
                    Integer.toString(work.head().attempt())))
            .start();
    boolean later = false;
    Observation.Scope scope = observation.openScope();
    try {
      CallResult result = code.call(work, behindLatest);
      if (result instanceof CallResult.Pending pending) {
        later = true;
        return new CallResult.Pending(endWith(pending.stage(), observation));
      }
      return result;
    } catch (Exception | Error e) {
      observation.error(e);
      throw e;
    } finally {
      scope.close();
      if (!later) {
        observation.stop();
      }
    }
  }

  private static CompletionStage<CallResult> endWith(
      CompletionStage<CallResult> stage, Observation observation) {
    return stage.whenComplete(
        (result, error) -> {
          if (error != null) {
            Throwable cause = error.getCause();
            observation.error(
                error instanceof CompletionException && cause != null ? cause : error);
          }
          observation.stop();
        });
  }

  private static Observation.Context contextOf(Work work) {
    if (work.partSize() > 1) {
      return new Observation.Context();
    }
    ReceiverContext<ReceivedRecord> context =
        new ReceiverContext<>(
            (record, name) -> record.headers().text(name).orElse(null), Kind.CONSUMER);
    context.setCarrier(work.head());
    context.setRemoteServiceName("kinesis");
    return context;
  }
}
