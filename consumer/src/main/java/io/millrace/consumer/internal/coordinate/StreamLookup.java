package io.millrace.consumer.internal.coordinate;

import io.millrace.consumer.internal.coordinate.WorkerSettings.StreamToRead;
import io.millrace.consumer.internal.discover.ConsumedStream;
import io.millrace.consumer.internal.discover.StreamErrors;
import io.millrace.consumer.internal.fetch.KinesisFault;
import io.millrace.consumer.internal.fetch.Reply;
import io.millrace.consumer.internal.fetch.StreamPort;
import io.millrace.consumer.internal.fetch.StreamPort.StreamDescription;
import io.millrace.consumer.internal.loop.Attempts;
import io.millrace.consumer.internal.loop.Backoff;
import io.millrace.consumer.internal.loop.EventLoop;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Finds out which stream a name or ARN stands for. Confined to the loop. */
final class StreamLookup {
  private static final int ATTEMPTS = 4;
  private static final long TIMEOUT_NANOS = Duration.ofSeconds(5).toNanos();

  private final EventLoop loop;
  private final StreamPort streams;
  private final boolean manyStreams;
  private final RandomGenerator random;

  StreamLookup(EventLoop loop, StreamPort streams, boolean manyStreams, RandomGenerator random) {
    this.loop = loop;
    this.streams = streams;
    this.manyStreams = manyStreams;
    this.random = random;
  }

  /** Hears what was found. */
  interface Outcome {
    /** The stream is there and can be read. */
    void found(ConsumedStream stream);

    /** It can't be used, with what to do. */
    void failed(RuntimeException cause);
  }

  void find(StreamToRead stream, Outcome outcome) {
    Backoff backoff =
        new Backoff(random, Duration.ofMillis(100).toNanos(), Duration.ofSeconds(1).toNanos());
    new Attempts<>(
            loop,
            () -> streams.describeStream(stream.nameOrArn()),
            TIMEOUT_NANOS,
            ATTEMPTS,
            backoff)
        .make(
            (reply, failure) -> mayPass(reply),
            (reply, failure) -> {
              if (reply instanceof Reply.Ok<StreamDescription> ok) {
                described(stream, ok.value(), outcome);
              } else {
                outcome.failed(StreamErrors.of(stream.nameOrArn(), faultOf(reply), failure));
              }
            });
  }

  private static boolean mayPass(@Nullable Reply<StreamDescription> reply) {
    KinesisFault fault = faultOf(reply);
    return reply == null || (fault != null && StreamErrors.passes(fault));
  }

  private static @Nullable KinesisFault faultOf(@Nullable Reply<StreamDescription> reply) {
    return reply instanceof Reply.Failed<StreamDescription> failed ? failed.fault() : null;
  }

  private void described(StreamToRead stream, StreamDescription found, Outcome outcome) {
    if (!found.usable()) {
      outcome.failed(
          new IllegalStateException(
              "stream '"
                  + stream.nameOrArn()
                  + "' is being created or deleted: start when it is ACTIVE"));
      return;
    }
    outcome.found(
        manyStreams
            ? ConsumedStream.oneOfMany(
                stream.nameOrArn(),
                found.identity(),
                stream.startAt(),
                stream.fetching(),
                found.retention())
            : ConsumedStream.only(
                stream.nameOrArn(),
                found.identity(),
                stream.startAt(),
                stream.fetching(),
                found.retention()));
  }
}
