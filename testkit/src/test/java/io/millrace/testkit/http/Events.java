package io.millrace.testkit.http;

import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEvent;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEventStream;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardResponseHandler;

/** A fan-out reader that keeps the events it was sent. */
final class Events {
  private static final int TIMEOUT_SECONDS = 90;

  private final BlockingQueue<SubscribeToShardEvent> events = new LinkedBlockingQueue<>();
  private final CompletableFuture<Void> responded = new CompletableFuture<>();
  private final CompletableFuture<Optional<Throwable>> ended = new CompletableFuture<>();
  private CompletableFuture<Void> call;
  private volatile Subscription subscription;

  static Events subscribe(KinesisAsyncClient client, String consumerArn, String shardId) {
    Events events = new Events();
    events.call =
        client.subscribeToShard(
            request ->
                request
                    .consumerARN(consumerArn)
                    .shardId(shardId)
                    .startingPosition(p -> p.type(ShardIteratorType.TRIM_HORIZON)),
            SubscribeToShardResponseHandler.builder()
                .onResponse(response -> events.responded.complete(null))
                .onEventStream(events::onStream)
                .onError(error -> events.ended.complete(Optional.of(error)))
                .onComplete(() -> events.ended.complete(Optional.empty()))
                .build());
    return events;
  }

  private void onStream(SdkPublisher<SubscribeToShardEventStream> stream) {
    stream
        .filter(SubscribeToShardEvent.class)
        .subscribe(
            new Subscriber<>() {
              @Override
              public void onSubscribe(Subscription s) {
                subscription = s;
                s.request(Long.MAX_VALUE);
              }

              @Override
              public void onNext(SubscribeToShardEvent event) {
                events.add(event);
              }

              @Override
              public void onError(Throwable error) {}

              @Override
              public void onComplete() {}
            });
  }

  SubscribeToShardEvent next() throws InterruptedException {
    SubscribeToShardEvent event = events.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    if (event == null) {
      throw new AssertionError("no event; the call is " + call);
    }
    return event;
  }

  void awaitResponse() throws Exception {
    responded.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
  }

  /** Waits for the stream's end; the error is empty where the SDK takes it for a regular one. */
  Optional<Throwable> awaitEnd() throws Exception {
    return ended.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
  }

  boolean hasMore() {
    return !events.isEmpty();
  }

  CompletableFuture<Void> call() {
    return call;
  }

  void cancel() {
    subscription.cancel();
  }
}
