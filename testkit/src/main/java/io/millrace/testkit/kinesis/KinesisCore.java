package io.millrace.testkit.kinesis;

import io.millrace.testkit.kinesis.call.CallHandler;
import io.millrace.testkit.kinesis.call.Delivery;
import io.millrace.testkit.kinesis.call.KinesisRequest;
import io.millrace.testkit.kinesis.call.RecordCall;
import io.millrace.testkit.kinesis.call.SubscriptionStep;
import io.millrace.testkit.kinesis.engine.Account;
import io.millrace.testkit.kinesis.engine.FanOutSubscription;
import io.millrace.testkit.kinesis.engine.PutFaults;
import io.millrace.testkit.kinesis.engine.Router;
import io.millrace.testkit.kinesis.fault.Fault;
import io.millrace.testkit.kinesis.fault.FaultScript;
import io.millrace.testkit.kinesis.fault.Verdict;
import io.millrace.testkit.kinesis.limit.ControlRates;
import io.millrace.testkit.kinesis.model.ErrorCode;
import io.millrace.testkit.kinesis.model.KinesisError;
import io.millrace.testkit.kinesis.model.KinesisRecord;
import io.millrace.testkit.kinesis.model.StreamRef;
import io.millrace.testkit.kinesis.settings.CoreSettings;
import io.millrace.testkit.kinesis.settings.EndpointClock;
import io.millrace.testkit.kinesis.store.ConsumerState;
import io.millrace.testkit.kinesis.store.ShardState;
import io.millrace.testkit.kinesis.store.StreamState;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * An in-process Kinesis. It has no threads, reads no clock but the one it is given, and never
 * blocks: what takes time on the service happens with the first call at or after its due time.
 *
 * <p>{@link #call} is for tests and tools: it makes a call without faults. {@link #handle} is for
 * whoever carries requests of a client, and acts out faults. Both obey the limits of the settings.
 *
 * <pre>{@code
 * KinesisCore core = new KinesisCore(CoreSettings.defaults(), clock, new SplittableRandom(seed));
 * core.call(StreamCall.CreateStream.provisioned("orders", 4));
 * core.faults().on(Operation.PUT_RECORDS).times(3).inject(Fault.throttle());
 * Delivery<PutRecordsReply> delivery = core.handle(new PutRecords(StreamRef.ofName("orders"), entries));
 * }</pre>
 *
 * <p>Thread-safe. With a manual clock, a seeded generator and calls from one thread it is
 * deterministic.
 *
 * <p>All records are kept in memory until their retention ends, if that is enforced, or until the
 * shard's cap; by default that is for ever.
 */
public final class KinesisCore implements CallHandler {
  private final EndpointClock clock;
  private final Account account;
  private final Router router;
  private final FaultScript faults;
  private final @Nullable ControlRates controlRates;
  private final CallTargets targets;
  private final Counters counters;
  private final List<CallListener> listeners = new CopyOnWriteArrayList<>();

  /**
   * Makes an endpoint without streams.
   *
   * @param clock all its time
   * @param random all its chance; only drawn from here
   */
  public KinesisCore(CoreSettings settings, EndpointClock clock, RandomGenerator random) {
    this.clock = clock;
    this.account = new Account(settings, clock, new SplittableRandom(random.nextLong()));
    this.router = new Router(account);
    this.faults = new FaultScript(new SplittableRandom(random.nextLong()));
    this.controlRates = settings.limits().controlRates() ? new ControlRates() : null;
    this.targets = new CallTargets(account, router.records());
    this.counters = new Counters(settings.sink());
  }

  /**
   * Makes a call without faults.
   *
   * @throws KinesisError where the service answers with an error
   */
  public <R> R call(KinesisRequest<R> request) {
    try {
      R reply = perform(request, Verdict.NONE);
      completed(request, reply, CompletedCall.Outcome.ANSWERED, null);
      return reply;
    } catch (KinesisError e) {
      completed(request, null, CompletedCall.Outcome.REFUSED, e.code());
      throw e;
    }
  }

  @Override
  public <R> Delivery<R> handle(KinesisRequest<R> request) {
    Verdict verdict =
        faults.isEmpty() ? Verdict.NONE : faults.decide(targets.of(request), clock.instant());
    Fault fault = verdict.fault().orElse(null);
    long delay = verdict.delayNanos();
    if (fault instanceof Fault.Refuse refuse) {
      R reply = refuse.applied() ? performQuietly(request, verdict) : null;
      completed(request, reply, CompletedCall.Outcome.REFUSED, refuse.code());
      return new Delivery.Refusal<>(new KinesisError(refuse.code(), injected(refuse)), delay);
    }
    if (fault instanceof Fault.Silence silence) {
      R reply = silence.applied() ? performQuietly(request, verdict) : null;
      completed(request, reply, CompletedCall.Outcome.SILENT, null);
      return new Delivery.Silence<>(delay);
    }
    if (fault instanceof Fault.Reset reset) {
      R reply = reset.applied() ? performQuietly(request, verdict) : null;
      completed(request, reply, CompletedCall.Outcome.RESET, null);
      return new Delivery.Reset<>(delay);
    }
    try {
      R reply = perform(request, verdict);
      completed(request, reply, CompletedCall.Outcome.ANSWERED, null);
      return new Delivery.Answer<>(reply, delay);
    } catch (KinesisError e) {
      completed(request, null, CompletedCall.Outcome.REFUSED, e.code());
      return new Delivery.Refusal<>(e, delay);
    }
  }

  /** The faults of calls that come through {@link #handle}. */
  public FaultScript faults() {
    return faults;
  }

  /** Adds a listener that hears of every call from now on. */
  public void addListener(CallListener listener) {
    listeners.add(listener);
  }

  /** Counts since the beginning. */
  public CoreStatistics statistics() {
    return counters.statistics();
  }

  /**
   * The records that a stream holds, by shard in order of the ids; closed shards included.
   *
   * @throws KinesisError if there is no such stream
   */
  public Map<String, List<KinesisRecord>> records(String streamName) {
    StreamState stream = account.stream(StreamRef.ofName(streamName));
    long nowMillis = clock.millis();
    Map<String, List<KinesisRecord>> records = new LinkedHashMap<>();
    for (ShardState shard : stream.shards(nowMillis)) {
      records.put(shard.shardId(), shard.records(stream.horizonMillis(nowMillis)));
    }
    return records;
  }

  /**
   * Reshards any stream to any number of shards, as the service does with on-demand streams by
   * itself; takes the duration of a reshard.
   *
   * @throws KinesisError if there is no such stream, or it is changing
   * @throws IllegalArgumentException if the count is below 1
   */
  public void scale(String streamName, int shardCount) {
    if (shardCount < 1) {
      throw new IllegalArgumentException("shardCount is " + shardCount + ": it must be 1 or more");
    }
    router.shards().scale(account.stream(StreamRef.ofName(streamName)), shardCount);
  }

  /**
   * Resets the connections of all subscriptions that run on a stream.
   *
   * @throws KinesisError if there is no such stream
   */
  public void resetSubscriptions(String streamName) {
    SubscriptionStep.End reset = new SubscriptionStep.End(null, true);
    StreamState stream = account.stream(StreamRef.ofName(streamName));
    for (ConsumerState consumer : stream.consumers().values()) {
      for (ConsumerState.Subscription subscription : consumer.subscriptions()) {
        if (subscription instanceof FanOutSubscription running) {
          running.endLater(reset, 0);
        }
      }
    }
  }

  /**
   * Has every use of encrypted streams fail, as when their KMS key is disabled.
   *
   * @param error one of the KMS errors, such as KMS_DISABLED; null lets it work again
   */
  public void failKms(@Nullable ErrorCode error) {
    account.failKms(error);
  }

  private <R> R perform(KinesisRequest<R> request, Verdict verdict) {
    requireControlRate(request);
    boolean emptyPage = verdict.fault().filter(Fault.EmptyPage.class::isInstance).isPresent();
    if (verdict.entries().isEmpty() && !emptyPage) {
      return endingEarly(request.applyTo(router), verdict);
    }
    PutFaults putFaults = verdict::onEntry;
    return request.applyTo(router.with(putFaults, emptyPage));
  }

  private static <R> R endingEarly(R reply, Verdict verdict) {
    if (verdict.fault().orElse(null) instanceof Fault.EndSubscription early
        && reply instanceof FanOutSubscription subscription) {
      ErrorCode code = early.code();
      KinesisError error = code == null ? null : new KinesisError(code, "The subscription failed.");
      subscription.endLater(
          new SubscriptionStep.End(error, early.reset()), early.after().toNanos());
    }
    return reply;
  }

  /** For calls whose answer the client never sees: that the service refused it is lost as well. */
  private <R> @Nullable R performQuietly(KinesisRequest<R> request, Verdict verdict) {
    try {
      R reply = perform(request, verdict);
      if (reply instanceof FanOutSubscription subscription) {
        subscription.cancel();
      }
      return reply;
    } catch (KinesisError e) {
      return null;
    }
  }

  private void requireControlRate(KinesisRequest<?> request) {
    if (controlRates == null) {
      return;
    }
    controlRates
        .admit(
            request.operation(),
            targets.streamOf(request),
            targets.scopeOf(request),
            clock.nanoTime())
        .ifPresent(
            code -> {
              throw new KinesisError(
                  code, "Rate exceeded for " + request.operation().wireName() + ".");
            });
  }

  private void completed(
      KinesisRequest<?> request,
      @Nullable Object reply,
      CompletedCall.Outcome outcome,
      @Nullable ErrorCode error) {
    countRecords(request, reply);
    boolean heard = !listeners.isEmpty();
    String stream = heard ? targets.streamOf(request) : "";
    CompletedCall call =
        new CompletedCall(
            request.operation(),
            stream.isEmpty() ? null : stream,
            heard ? targets.shardOf(request, reply) : null,
            outcome,
            error,
            reply != null,
            recordCountOf(reply),
            reply instanceof RecordCall.PutRecordsReply put ? put.failedRecordCount() : 0);
    counters.countOutcome(call);
    listeners.forEach(listener -> listener.onCall(call));
  }

  private void countRecords(KinesisRequest<?> request, @Nullable Object reply) {
    if (reply instanceof RecordCall.PutRecordsReply stored
        && request instanceof RecordCall.PutRecords put) {
      counters.countPut(put, stored);
    } else if (reply != null && request instanceof RecordCall.PutRecord put) {
      counters.countPut(put);
    } else if (reply instanceof RecordCall.GetRecordsReply read) {
      counters.countRead(read.records().size());
    }
  }

  private static int recordCountOf(@Nullable Object reply) {
    if (reply instanceof RecordCall.PutRecordsReply put) {
      return put.results().size() - put.failedRecordCount();
    }
    if (reply instanceof RecordCall.PutRecordReply) {
      return 1;
    }
    return reply instanceof RecordCall.GetRecordsReply read ? read.records().size() : 0;
  }

  private static String injected(Fault.Refuse refuse) {
    return switch (refuse.code()) {
      case PROVISIONED_THROUGHPUT_EXCEEDED, THROTTLING, LIMIT_EXCEEDED -> "Rate exceeded.";
      case INTERNAL_FAILURE, SERVICE_UNAVAILABLE -> "Internal service failure.";
      case EXPIRED_ITERATOR -> "Iterator expired.";
      case EXPIRED_TOKEN -> "The security token included in the request is expired";
      case ACCESS_DENIED -> "User is not authorized to perform this operation.";
      case EXPIRED_NEXT_TOKEN,
          INVALID_ARGUMENT,
          KMS_ACCESS_DENIED,
          KMS_DISABLED,
          KMS_INVALID_STATE,
          KMS_NOT_FOUND,
          KMS_OPT_IN_REQUIRED,
          KMS_THROTTLING,
          RESOURCE_IN_USE,
          RESOURCE_NOT_FOUND,
          UNKNOWN_OPERATION,
          UNRECOGNIZED_CLIENT,
          VALIDATION ->
          "The call failed.";
    };
  }
}
