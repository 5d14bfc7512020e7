package io.millrace.producer.internal.loop;

import io.millrace.producer.ProducerSettings;
import io.millrace.producer.internal.batch.DepartureRule;
import io.millrace.producer.internal.batch.PutRequest;
import io.millrace.producer.internal.batch.PutRequest.Parcel;
import io.millrace.producer.internal.send.FullJitter;
import io.millrace.producer.internal.send.KinesisCallException;
import io.millrace.producer.internal.send.PutRecordsReply;
import io.millrace.producer.internal.send.ServiceFailure;
import io.millrace.producer.internal.send.ServiceFailure.Kind;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sends a stream's requests: packs what is due, keeps the window, gives late requests up, halves a
 * request that is refused as a whole, and pauses the stream after requests that failed as a whole.
 *
 * <p>Confined to the stream's loop; replies come through its inbox.
 */
final class Sender {
  private static final Duration BACKOFF_FIRST = Duration.ofMillis(100);
  private static final Duration BACKOFF_CAP = Duration.ofSeconds(5);

  private final StreamParts parts;
  private final ProducerSettings settings;
  private final DepartureRule rule;
  private final SendWindow window;
  private final Inbox inbox;
  private final Settler settler;
  private final FullJitter backoff;
  private final long requestTimeoutNanos;

  /** In the order in which they left; ended ones stay until they come to the front. */
  private final Deque<PutRequest> inFlight = new ArrayDeque<>();

  /** Halves of refused requests, to be sent before all else. */
  private final Deque<PutRequest> halves = new ArrayDeque<>();

  private int failures;
  private long notBeforeNanos;

  Sender(StreamParts parts, SendWindow window, Inbox inbox, Settler settler) {
    this.parts = parts;
    this.settings = parts.intake().settings();
    this.rule = new DepartureRule(settings.linger().toNanos(), settings.requestsInFlight());
    this.window = window;
    this.inbox = inbox;
    this.settler = settler;
    this.backoff = new FullJitter(BACKOFF_FIRST, BACKOFF_CAP, parts.random());
    this.requestTimeoutNanos = settings.requestTimeout().toNanos();
  }

  /**
   * Sends what may leave now.
   *
   * @param wantedBytes how much room callers wait for: then nothing lingers without need
   */
  void depart(long wantedBytes, long nowNanos) {
    while (mayDepart(nowNanos)) {
      PutRequest half = halves.poll();
      if (half != null) {
        send(half, nowNanos);
        continue;
      }
      boolean full = lanesFillRequest();
      if (!full && !isDue(nowNanos)) {
        if (wantedBytes == 0) {
          return;
        }
        parts.lanes().hurryFullest(Math.min(wantedBytes, settings.requestMaxBytes()), nowNanos);
        if (!isDue(nowNanos)) {
          return;
        }
      }
      long horizon = nowNanos + (full ? settings.linger().toNanos() : rule.slackNanos());
      List<Parcel> parcels =
          parts
              .lanes()
              .take(
                  horizon,
                  settings.requestMaxRecords(),
                  settings.requestMaxBytes(),
                  nowNanos,
                  parts.deliveries()::encode);
      if (parcels.isEmpty()) {
        return;
      }
      send(new PutRequest(parcels), nowNanos);
    }
  }

  /**
   * Nanoseconds until {@link #depart} may find something; {@link Long#MAX_VALUE} if only a reply
   * can tell.
   */
  long nanosUntilDeparture(long nowNanos) {
    if (failures > 0 && notBeforeNanos - nowNanos > 0) {
      return notBeforeNanos - nowNanos;
    }
    if (!mayDepart(nowNanos)) {
      return Long.MAX_VALUE;
    }
    if (!halves.isEmpty() || lanesFillRequest()) {
      return 0;
    }
    return Math.max(parts.lanes().nanosUntilDue(nowNanos), rule.nanosUntilPaced(nowNanos));
  }

  /** Nanoseconds until a request takes too long; {@link Long#MAX_VALUE} if none is in flight. */
  long nanosUntilTimeout(long nowNanos) {
    PutRequest oldest = oldestInFlight();
    return oldest == null
        ? Long.MAX_VALUE
        : Math.max(0, oldest.leftNanos() + requestTimeoutNanos - nowNanos);
  }

  /** Gives up requests that take too long. */
  void timeOut(long nowNanos) {
    PutRequest oldest = oldestInFlight();
    while (oldest != null && nowNanos - oldest.leftNanos() >= requestTimeoutNanos) {
      oldest.giveUp();
      failed(
          oldest,
          ServiceFailure.of(Kind.UNKNOWN, "Timeout", "no answer within requestTimeout", null),
          nowNanos);
      oldest = oldestInFlight();
    }
  }

  /** Whether requests are in flight or about to be sent again. */
  boolean isBusy() {
    return oldestInFlight() != null || !halves.isEmpty();
  }

  /** The age of the oldest record in a request, sent or to be sent again; -1 if there is none. */
  long oldestAgeNanos(long nowNanos) {
    long age = -1;
    for (PutRequest request : inFlight) {
      if (!request.isEnded()) {
        age = Math.max(age, oldestAgeNanos(request, nowNanos));
      }
    }
    for (PutRequest half : halves) {
      age = Math.max(age, oldestAgeNanos(half, nowNanos));
    }
    return age;
  }

  private static long oldestAgeNanos(PutRequest request, long nowNanos) {
    long age = -1;
    for (Parcel parcel : request.parcels()) {
      age = Math.max(age, nowNanos - parcel.record().openedNanos());
    }
    return age;
  }

  /**
   * Gives everything up.
   *
   * @param unsure gets records whose request has no answer
   * @param unsent gets records that were refused with others and not sent alone
   */
  void abandon(Consumer<Parcel> unsure, Consumer<Parcel> unsent) {
    for (PutRequest request : inFlight) {
      if (!request.isEnded()) {
        request.giveUp();
        window.returned(request.sizeBytes());
        request.parcels().forEach(unsure);
      }
    }
    inFlight.clear();
    halves.forEach(half -> half.parcels().forEach(unsent));
    halves.clear();
  }

  private boolean mayDepart(long nowNanos) {
    if (failures > 0) {
      // After a failure one request at a time probes whether it goes on.
      return rule.inFlight() == 0 && notBeforeNanos - nowNanos <= 0;
    }
    return rule.windowHasRoom() && window.hasRoom(rule.inFlight());
  }

  private boolean isDue(long nowNanos) {
    return parts.lanes().nanosUntilDue(nowNanos) == 0 && rule.nanosUntilPaced(nowNanos) == 0;
  }

  private boolean lanesFillRequest() {
    return parts.lanes().fillRequest(settings.requestMaxRecords(), settings.requestMaxBytes());
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the dependent stage only posts, which never fails
  private void send(PutRequest request, long nowNanos) {
    request.left(nowNanos);
    rule.left(nowNanos);
    window.left(request.sizeBytes());
    inFlight.addLast(request);
    CompletableFuture<PutRecordsReply> call =
        parts.port().putRecords(parts.intake().address(), request.entries());
    request.calling(call);
    call.whenComplete((reply, failure) -> inbox.post(now -> ended(request, reply, failure, now)));
  }

  private void ended(
      PutRequest request,
      @Nullable PutRecordsReply reply,
      @Nullable Throwable failure,
      long nowNanos) {
    if (request.isEnded()) {
      // It was given up before; its records have gone other ways.
      return;
    }
    request.end();
    if (reply != null) {
      returned(request, "Success", nowNanos);
      failures = 0;
      parts.contact().accepted();
      settler.replied(request, reply, nowNanos);
    } else {
      failed(
          request,
          KinesisCallException.failureOf(
              failure == null ? new IllegalStateException("no answer") : failure),
          nowNanos);
    }
  }

  private void failed(PutRequest request, ServiceFailure failure, long nowNanos) {
    returned(request, failure.code(), nowNanos);
    if (failure.kind() == Kind.INVALID_REQUEST && request.parcels().size() > 1) {
      request.halves().forEach(halves::addLast);
      return;
    }
    boolean retried =
        failure.kind().isRetriable()
            || (failure.kind() == Kind.NO_CREDENTIALS && parts.contact().wasAccepted());
    if (retried) {
      failures++;
      notBeforeNanos = nowNanos + backoff.nanosAfter(failures);
      parts
          .trouble()
          .failed(
              failure.code(),
              "PutRecords: " + failure.message(),
              failure.kind() == Kind.THROTTLED,
              nowNanos);
    }
    settler.failed(request, failure, nowNanos);
  }

  private void returned(PutRequest request, String code, long nowNanos) {
    long duration = nowNanos - request.leftNanos();
    rule.returned(duration);
    window.returned(request.sizeBytes());
    parts.meters().request(request, code, duration);
  }

  private @Nullable PutRequest oldestInFlight() {
    PutRequest oldest = inFlight.peekFirst();
    while (oldest != null && oldest.isEnded()) {
      inFlight.removeFirst();
      oldest = inFlight.peekFirst();
    }
    return oldest;
  }
}
