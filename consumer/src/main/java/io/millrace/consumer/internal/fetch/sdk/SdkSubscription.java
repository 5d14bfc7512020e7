package io.millrace.consumer.internal.fetch.sdk;

import io.millrace.consumer.internal.fetch.FanOutPort;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEvent;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEventStream;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardResponse;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardResponseHandler;

/**
 * One SubscribeToShard call: the SDK's response handler and stream subscriber on one side, our
 * listener on the other.
 *
 * <p>The SDK reports one end several times, and in no fixed order (the stream's end, the handler's,
 * the call's future): the first report counts. Thread-safe by its monitor, which guards the fields;
 * under it, neither SDK nor listener is called.
 */
final class SdkSubscription implements FanOutPort.Subscription, SubscribeToShardResponseHandler {
  private final FanOutPort.Listener listener;
  private final SdkFaults faults;
  private final InstantSource wallClock;
  private @Nullable Subscription upstream;
  private @Nullable CompletableFuture<Void> call;
  private long wanted;
  private boolean over;

  SdkSubscription(FanOutPort.Listener listener, SdkFaults faults, InstantSource wallClock) {
    this.listener = listener;
    this.faults = faults;
    this.wallClock = wallClock;
  }

  /** Makes the call. */
  void start(Supplier<CompletableFuture<Void>> send) {
    CompletableFuture<Void> sent;
    try {
      sent = send.get();
    } catch (RuntimeException e) {
      fail(e);
      return;
    }
    boolean cancelled;
    synchronized (this) {
      call = sent;
      cancelled = over;
    }
    if (cancelled) {
      sent.cancel(true);
    }
    CompletableFuture<Void> unused =
        sent.whenComplete(
            (done, error) -> {
              if (error == null) {
                end();
              } else {
                fail(error);
              }
            });
  }

  @Override
  public void request(long events) {
    Subscription running;
    synchronized (this) {
      running = upstream;
      if (running == null) {
        wanted += events;
      }
    }
    if (running != null) {
      running.request(events);
    }
  }

  @Override
  public void cancel() {
    Subscription running;
    CompletableFuture<Void> sent;
    synchronized (this) {
      over = true;
      running = upstream;
      sent = call;
    }
    if (running != null) {
      running.cancel();
    }
    if (sent != null) {
      sent.cancel(true);
    }
  }

  private synchronized boolean claimEnd() {
    boolean first = !over;
    over = true;
    return first;
  }

  private void end() {
    if (claimEnd()) {
      listener.onEnd();
    }
  }

  private void fail(Throwable error) {
    if (claimEnd()) {
      listener.onFault(faults.of("kinesis:SubscribeToShard", error));
    }
  }

  // ---- the SDK's side

  @Override
  public void responseReceived(SubscribeToShardResponse response) {}

  @Override
  public void onEventStream(SdkPublisher<SubscribeToShardEventStream> publisher) {
    publisher.subscribe(new Events());
  }

  @Override
  public void exceptionOccurred(Throwable error) {
    fail(error);
  }

  @Override
  public void complete() {
    end();
  }

  private final class Events implements Subscriber<SubscribeToShardEventStream> {
    @Override
    public void onSubscribe(Subscription subscription) {
      long demand;
      boolean cancelled;
      synchronized (SdkSubscription.this) {
        upstream = subscription;
        demand = wanted;
        wanted = 0;
        cancelled = over;
      }
      if (cancelled) {
        subscription.cancel();
        return;
      }
      listener.onSubscribed();
      if (demand > 0) {
        subscription.request(demand);
      }
    }

    @Override
    public void onNext(SubscribeToShardEventStream event) {
      if (event instanceof SubscribeToShardEvent records) {
        listener.onEvent(SdkConversions.event(records, wallClock.instant()));
      } else {
        // A kind of event that this version does not know took the place of one that was asked for.
        request(1);
      }
    }

    @Override
    public void onError(Throwable error) {
      fail(error);
    }

    @Override
    public void onComplete() {
      end();
    }
  }
}
