package io.millrace.consumer.internal.fetch;

import io.millrace.consumer.StallReason;
import io.millrace.consumer.internal.backoff.FullJitter;
import io.millrace.model.SequenceNumber;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a shard by SubscribeToShard: one subscription at a time, one event at a time, each only
 * when the byte budget has room; a new subscription goes on where the last one was told to.
 * Confined to the worker loop.
 *
 * <p>Subscriptions end by themselves after five minutes and break at any time; both are routine and
 * stay below the log level of operators until they repeat without a single event.
 */
public final class FanOutFetcher implements ShardFetcher {
  private static final Logger log = LoggerFactory.getLogger(FanOutFetcher.class);

  /** The service sends an event, empty or not, at least every few seconds. */
  private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(35);

  private static final long MIN_EVENT_BYTES = 256L << 10;
  private static final long MAX_EVENT_BYTES = 10L << 20;

  /** The service lets the same shard be subscribed to anew five seconds after the last success. */
  private static final Duration MAX_BACKOFF = Duration.ofSeconds(5);

  /** Fewer failures in a row are routine. */
  private static final int ROUTINE_FAILURES = 3;

  private enum Step {
    NEEDS_CONSUMER,
    NEEDS_SUBSCRIPTION,
    SUBSCRIBES,
    SUBSCRIBED,
    ENDED
  }

  private final FanOutPort port;
  private final FanOutRegistry registry;
  private final String consumerName;
  private final boolean fallsBack;
  private final FetchTarget target;
  private final Runnable wake;
  private final ReadCursor cursor;
  private final FullJitter backoff;
  private final long subscribeNanos;

  private Step step = Step.NEEDS_CONSUMER;
  private String consumerArn = "";
  private FanOutPort.@Nullable Subscription subscription;
  private long subscriptionId;
  private boolean requested;
  private long signalNanos;
  private long dueNanos;
  private long pendingNanos;
  private long wantBytes = MIN_EVENT_BYTES;
  private boolean waitsForBudget;
  private long waitsSinceNanos;
  private int failures;
  private @Nullable KinesisFault fault;
  private long faultSinceNanos;

  /**
   * Creates a fetcher that starts at once.
   *
   * @param consumer the name of the stream consumer
   * @param fallsBack whether a refusal is handed to the sink; else it is tried again for ever
   * @param wake makes the loop tick this fetcher soon
   */
  public FanOutFetcher(
      FanOutPort port,
      FanOutRegistry registry,
      String consumer,
      boolean fallsBack,
      FetchSettings settings,
      FetchTarget target,
      RandomGenerator random,
      Runnable wake,
      long nowNanos) {
    this.port = port;
    this.registry = registry;
    this.consumerName = consumer;
    this.fallsBack = fallsBack;
    this.target = target;
    this.wake = wake;
    this.cursor = new ReadCursor(target.from());
    this.backoff = new FullJitter(Duration.ofMillis(100), MAX_BACKOFF, random);
    this.subscribeNanos = settings.requestTimeout().toNanos();
    this.dueNanos = nowNanos;
  }

  @Override
  public long tick(long nowNanos) {
    pendingNanos = 0;
    if (step == Step.NEEDS_CONSUMER && dueNanos - nowNanos <= 0) {
      findConsumer(nowNanos);
    }
    if (step == Step.NEEDS_SUBSCRIPTION && dueNanos - nowNanos <= 0) {
      subscribe(nowNanos);
    }
    if (step == Step.SUBSCRIBED && !requested) {
      requestEvent(nowNanos);
    }
    checkSilence(nowNanos);
    return switch (step) {
      case NEEDS_CONSUMER -> Math.max(pendingNanos, dueNanos - nowNanos);
      case NEEDS_SUBSCRIPTION -> Math.max(0, dueNanos - nowNanos);
      case SUBSCRIBES, SUBSCRIBED -> Math.max(0, signalNanos + patience() - nowNanos);
      case ENDED -> Long.MAX_VALUE;
    };
  }

  private void findConsumer(long nowNanos) {
    FanOutRegistry.Answer answer = registry.ask(target.streamArn(), consumerName, wake, nowNanos);
    if (answer instanceof FanOutRegistry.Answer.Active active) {
      consumerArn = active.consumerArn();
      step = Step.NEEDS_SUBSCRIPTION;
    } else if (answer instanceof FanOutRegistry.Answer.Refused refused) {
      refused(refused.fault(), nowNanos);
    } else if (answer instanceof FanOutRegistry.Answer.Pending pending) {
      pendingNanos = pending.nanos();
    }
  }

  private void refused(KinesisFault met, long nowNanos) {
    if (fallsBack) {
      step = Step.ENDED;
      target.share().giveBack();
      target.sink().refused(met, cursor.from(), nowNanos);
    } else {
      registry.forget(target.streamArn(), consumerName);
      step = Step.NEEDS_CONSUMER;
      failed(met, nowNanos);
    }
  }

  private void subscribe(long nowNanos) {
    step = Step.SUBSCRIBES;
    signalNanos = nowNanos;
    requested = false;
    long id = ++subscriptionId;
    subscription =
        port.subscribe(consumerArn, target.shard(), cursor.from(), new PostingListener(id));
  }

  private void requestEvent(long nowNanos) {
    long granted = target.share().ask(MIN_EVENT_BYTES, wantBytes);
    if (granted > 0 && subscription != null) {
      waitsForBudget = false;
      requested = true;
      signalNanos = nowNanos;
      subscription.request(1);
    } else if (!waitsForBudget) {
      waitsForBudget = true;
      waitsSinceNanos = nowNanos;
    }
  }

  private long patience() {
    if (step == Step.SUBSCRIBES) {
      return subscribeNanos;
    }
    return requested ? SILENCE_NANOS : Long.MAX_VALUE / 2;
  }

  private void checkSilence(long nowNanos) {
    boolean waits = step == Step.SUBSCRIBES || (step == Step.SUBSCRIBED && requested);
    if (waits && nowNanos - signalNanos >= patience()) {
      lose(
          new KinesisFault(KinesisFault.Kind.TRANSIENT, "Silence", "the subscription is silent"),
          nowNanos);
    }
  }

  // ---- what the port reports

  private void onSubscribed(long id, long nowNanos) {
    if (id == subscriptionId && step == Step.SUBSCRIBES) {
      step = Step.SUBSCRIBED;
      signalNanos = nowNanos;
    }
  }

  private void onEvent(long id, FetchedRecords event, long nowNanos) {
    if (id != subscriptionId || (step != Step.SUBSCRIBED && step != Step.SUBSCRIBES)) {
      return;
    }
    step = Step.SUBSCRIBED;
    requested = false;
    signalNanos = nowNanos;
    failures = 0;
    fault = null;
    List<KinesisRecord> records = cursor.advance(event.records());
    long charged = PollingFetcher.charged(records);
    wantBytes = Math.max(MIN_EVENT_BYTES, Math.min(MAX_EVENT_BYTES, charged * 2));
    target.share().settle(charged);
    event.next().map(SequenceNumber::of).ifPresent(cursor::continueAfter);
    if (event.endOfShard()) {
      // The service ends the subscription itself: to cancel it now would reset its connection.
      step = Step.ENDED;
      subscription = null;
    }
    target.sink().fetched(records, event.behindLatest(), nowNanos);
    if (event.endOfShard()) {
      target.sink().endOfShard(event.children(), nowNanos);
    }
  }

  private void onEnd(long id, long nowNanos) {
    if (id == subscriptionId && step != Step.ENDED) {
      log.debug("subscription to {} ended, subscribing again", target.shard());
      target.share().giveBack();
      subscription = null;
      step = Step.NEEDS_SUBSCRIPTION;
      // An end without an event since the last one is not the five minutes: don't turn it into a
      // storm.
      dueNanos = nowNanos + (failures++ == 0 ? 0 : backoff.nanos(failures));
    }
  }

  private void onFault(long id, KinesisFault met, long nowNanos) {
    if (id == subscriptionId && step != Step.ENDED) {
      lose(met, nowNanos);
    }
  }

  private void lose(KinesisFault met, long nowNanos) {
    target.sink().readFailed(met);
    cancel();
    subscriptionId++;
    target.share().giveBack();
    step = Step.NEEDS_SUBSCRIPTION;
    switch (met.kind()) {
      case DENIED, INVALID, KEY_UNAVAILABLE -> refused(met, nowNanos);
      case NOT_FOUND -> {
        registry.forget(target.streamArn(), consumerName);
        step = Step.NEEDS_CONSUMER;
        failed(met, nowNanos);
      }
      case THROTTLED, LIMIT_EXCEEDED, IN_USE, EXPIRED_ITERATOR, TRANSIENT -> failed(met, nowNanos);
    }
  }

  private void failed(KinesisFault met, long nowNanos) {
    if (fault == null) {
      faultSinceNanos = nowNanos;
    }
    fault = met;
    failures++;
    dueNanos = nowNanos + backoff.nanos(failures);
    log.debug("subscription to {} broke: {} {}", target.shard(), met.code(), met.message());
  }

  private void cancel() {
    FanOutPort.Subscription running = subscription;
    subscription = null;
    if (running != null) {
      running.cancel();
    }
  }

  @Override
  public ReadFrom position() {
    return cursor.from();
  }

  @Override
  public void stop() {
    if (step != Step.ENDED) {
      step = Step.ENDED;
      cancel();
      target.share().giveBack();
    }
  }

  @Override
  public Optional<StallReason> stall(long nowNanos) {
    if (step == Step.ENDED) {
      return Optional.empty();
    }
    if (waitsForBudget) {
      return Optional.of(new StallReason.WaitingForBudget(since(waitsSinceNanos, nowNanos)));
    }
    KinesisFault met = fault;
    if (met == null || failures < ROUTINE_FAILURES) {
      return Optional.empty();
    }
    Duration lasts = since(faultSinceNanos, nowNanos);
    return Optional.of(
        met.kind() == KinesisFault.Kind.THROTTLED
            ? new StallReason.Throttled(failures, lasts)
            : new StallReason.FetchFailing(failures, met.code(), met.message(), lasts));
  }

  private static Duration since(long thenNanos, long nowNanos) {
    return Duration.ofNanos(Math.max(0, nowNanos - thenNanos));
  }

  /** Takes what the port reports to the loop, marked with the subscription that it belongs to. */
  private final class PostingListener implements FanOutPort.Listener {
    private final long id;

    PostingListener(long id) {
      this.id = id;
    }

    @Override
    public void onSubscribed() {
      target.inbox().post(now -> FanOutFetcher.this.onSubscribed(id, now));
    }

    @Override
    public void onEvent(FetchedRecords records) {
      target.inbox().post(now -> FanOutFetcher.this.onEvent(id, records, now));
    }

    @Override
    public void onEnd() {
      target.inbox().post(now -> FanOutFetcher.this.onEnd(id, now));
    }

    @Override
    public void onFault(KinesisFault fault) {
      target.inbox().post(now -> FanOutFetcher.this.onFault(id, fault, now));
    }
  }
}
