package io.millrace.producer.internal.loop;

import io.millrace.producer.ProducerStatus.Trouble;
import io.millrace.producer.PutAttempt;
import io.millrace.producer.PutFailure;
import io.millrace.producer.UnsentRecord;
import io.millrace.producer.UserRecord;
import io.millrace.producer.internal.aggregate.OutgoingRecord;
import io.millrace.producer.internal.aggregate.ShardBuffer;
import io.millrace.producer.internal.batch.PutRequest.Parcel;
import io.millrace.producer.internal.batch.ShardLane;
import io.millrace.producer.internal.settle.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One stream's stages behind the intake: describes the stream, routes, limits, batches, sends,
 * settles. The parts decide; this drives them in the right order.
 *
 * <p>Confined to the producer's loop.
 */
final class StreamLoop implements StreamDescriber.Listener {
  private static final Logger LOG = LoggerFactory.getLogger("io.millrace.producer.StreamProducer");

  /** How exactly deadlines are kept, and how often the oldest record's age is noted. */
  private static final long SWEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** So that no flood of signals keeps the loop from its other duties. */
  private static final int MAX_SIGNALS_PER_TICK = 8_192;

  private final StreamParts parts;
  private final Inbox inbox;
  private final StreamDescriber describer;
  private final Rerouter rerouter;
  private final Settler settler;
  private final Sender sender;

  private boolean started;
  private boolean ended;
  private boolean sweeping;
  private long nextSweepNanos;
  private CompletableFuture<Void> flushed = CompletableFuture.completedFuture(null);

  StreamLoop(StreamParts parts, SendWindow window, Runnable wake) {
    this.parts = parts;
    this.inbox = new Inbox(wake);
    this.rerouter = new Rerouter(parts);
    this.describer =
        new StreamDescriber(
            parts.intake(),
            parts.port(),
            parts.text(),
            parts.contact(),
            inbox,
            parts.random(),
            this);
    this.settler = new Settler(parts, rerouter, describer);
    this.sender = new Sender(parts, window, inbox, settler);
  }

  /** The side that puts see. */
  StreamIntake intake() {
    return parts.intake();
  }

  /** What keeps requests from succeeding, empty while they succeed. Thread-safe. */
  Optional<Trouble> trouble() {
    return parts
        .trouble()
        .current()
        .or(() -> describer.trouble().current())
        .or(() -> describer.summaryTrouble().current());
  }

  /** Begins; before the first tick. */
  void start(long nowNanos) {
    started = true;
    rerouter.start(nowNanos);
    describer.want(nowNanos);
  }

  /**
   * Works without blocking.
   *
   * @param wantedBytes how much room callers wait for
   * @return nanoseconds until it next has something to do
   */
  long tick(long wantedBytes, long nowNanos) {
    if (ended) {
      return Long.MAX_VALUE;
    }
    inbox.drain(nowNanos);
    drainSignals(nowNanos);
    long next = describer.tick(nowNanos);
    sender.timeOut(nowNanos);
    next = Math.min(next, sweep(nowNanos));
    sender.depart(wantedBytes, nowNanos);
    next = Math.min(next, sender.nanosUntilDeparture(nowNanos));
    next = Math.min(next, sender.nanosUntilTimeout(nowNanos));
    return inbox.isEmpty() && !parts.intake().hasSignals() ? next : 0;
  }

  private void drainSignals(long nowNanos) {
    for (int i = 0; i < MAX_SIGNALS_PER_TICK; i++) {
      ShardBuffer buffer = parts.intake().pollSignal();
      if (buffer == null) {
        return;
      }
      if (!sweeping) {
        sweeping = true;
        nextSweepNanos = nowNanos + SWEEP_NANOS;
      }
      parts.lanes().collect(buffer, nowNanos);
      boolean waits = rerouter.waitingLane().filter(lane -> lane.buffer() == buffer).isPresent();
      if (waits && describer.isIdleWithoutView()) {
        describer.want(nowNanos);
      }
    }
  }

  private long sweep(long nowNanos) {
    if (!sweeping) {
      return Long.MAX_VALUE;
    }
    if (nextSweepNanos - nowNanos <= 0) {
      parts.lanes().expire(nowNanos, settler::expired);
      settler.expire(nowNanos);
      noteOldest(nowNanos);
      sweeping = !isIdle();
      parts.meters().rates(parts.lanes(), !sweeping, nowNanos);
      nextSweepNanos = nowNanos + SWEEP_NANOS;
    }
    return sweeping ? Math.max(0, nextSweepNanos - nowNanos) : Long.MAX_VALUE;
  }

  private void noteOldest(long nowNanos) {
    long waiting = parts.lanes().oldestAgeNanos(nowNanos);
    long sent = Math.max(sender.oldestAgeNanos(nowNanos), settler.oldestAgeNanos(nowNanos));
    long age = Math.max(waiting, sent);
    parts.intake().oldest(age >= 0, nowNanos - age);
  }

  /** Whether no record waits, is in flight, or is in doubt. */
  boolean isIdle() {
    return !sender.isBusy()
        && !settler.hasDoubts()
        && parts.lanes().isEmpty()
        && !parts.intake().hasSignals();
  }

  @Override
  public void described(StreamView view, long nowNanos) {
    rerouter.apply(view, nowNanos);
    parts.meters().shards(view.map());
    settler.described(view.map(), nowNanos);
  }

  @Override
  public void gone(long nowNanos) {
    rerouter.forget(nowNanos);
  }

  @Override
  public void undescribable(Outcome.Refused why, long nowNanos) {
    if (rerouter.waitingLane().filter(ShardLane::isBlocked).isPresent()) {
      // In ordered mode the outcomes of older records come first; then this is found out again.
      describer.want(nowNanos);
      return;
    }
    List<OutgoingRecord> records = new ArrayList<>();
    rerouter.waitingLane().ifPresent(lane -> parts.lanes().drain(lane, nowNanos, records::add));
    LOG.warn("{}", parts.text().refused(why.reason(), why.code(), why.message()));
    for (OutgoingRecord record : records) {
      settler.refused(record, why);
    }
  }

  /** Sends without lingering; completes when all that is here now has its outcome told. */
  CompletableFuture<Void> flush(long nowNanos) {
    if (ended) {
      return flushed;
    }
    drainSignals(nowNanos);
    CompletableFuture<Void> epoch = parts.lanes().flush(nowNanos).end();
    flushed = CompletableFuture.allOf(flushed, epoch);
    return flushed;
  }

  /**
   * Ends the stream: nothing is sent any more, and every record without an outcome fails.
   *
   * @param reason told to the futures
   * @param defect what broke the loop, if that is why
   * @param unsent gets the records
   */
  void end(
      PutFailure reason, @Nullable Throwable defect, List<UnsentRecord> unsent, long nowNanos) {
    if (ended) {
      return;
    }
    ended = true;
    parts.intake().end(defect);
    describer.cancel();
    List<OutgoingRecord> records = new ArrayList<>();
    sender.abandon(parcel -> records.add(unsure(parcel, nowNanos)), p -> records.add(p.record()));
    settler.abandon(records::add);
    for (ShardLane lane : List.copyOf(parts.lanes().all())) {
      parts.lanes().retire(lane, nowNanos, records::add);
    }
    if (!started) {
      parts.intake().routes().buffers().get(0).seal(nowNanos, records::add);
    }
    String message =
        defect == null
            ? parts.text().where() + ": the producer was closed before the record was stored"
            : parts.text().where() + ": a defect in the producer, please report it: " + defect;
    for (OutgoingRecord record : records) {
      parts.meters().failed(parts.laneOf(record), record, reason.name());
      for (UserRecord user : parts.deliveries().failed(record, reason, message, defect)) {
        unsent.add(
            new UnsentRecord(parts.intake().address().text(), user, record.mayHaveBeenWritten()));
      }
    }
    parts.meters().close();
  }

  private static OutgoingRecord unsure(Parcel parcel, long nowNanos) {
    OutgoingRecord record = parcel.record();
    record.attempted(
        new PutAttempt(
            Duration.ZERO,
            Duration.ofNanos(Math.max(0, nowNanos - record.attemptEndedNanos())),
            0,
            "Closed",
            "no answer before the producer was closed",
            ""),
        nowNanos,
        true);
    return record;
  }
}
