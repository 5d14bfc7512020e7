package io.millrace.consumer.internal.shard;

import io.millrace.consumer.Fetching;
import io.millrace.consumer.StallReason;
import io.millrace.consumer.handler.SuspectedLoss;
import io.millrace.consumer.internal.fetch.ByteBudget;
import io.millrace.consumer.internal.fetch.ChildShard;
import io.millrace.consumer.internal.fetch.FanOutFetcher;
import io.millrace.consumer.internal.fetch.FetchTarget;
import io.millrace.consumer.internal.fetch.KinesisFault;
import io.millrace.consumer.internal.fetch.KinesisRecord;
import io.millrace.consumer.internal.fetch.PollingFetcher;
import io.millrace.consumer.internal.fetch.ReadFrom;
import io.millrace.consumer.internal.fetch.ShardFetcher;
import io.millrace.consumer.internal.process.Choice;
import io.millrace.consumer.internal.process.Delivery;
import io.millrace.consumer.lease.Checkpoint;
import io.millrace.model.Position;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reading side of an ownership: which fetcher, from where, and what becomes of what it brings.
 * Confined to the worker loop.
 */
final class ShardReading implements ShardFetcher.Sink {
  private static final Logger log = LoggerFactory.getLogger(ShardReading.class);

  /** Fewer in a row are routine. */
  private static final int FAILURES_TO_TELL = 3;

  private final ShardConsumers shared;
  private final LeasedShard shard;
  private final ShardOwnership ownership;
  private final Delivery delivery;
  private final ShardMeters meters;
  private final Mailbox mailbox;
  private final Runnable wakeup;
  private final ByteBudget.Share share;
  private final RetentionWatch retention;
  private final ReadUntil until;
  private Fetching fetching;

  private @Nullable ShardFetcher fetcher;
  private boolean wasStarted;
  private boolean failuresTold;
  private boolean readToEnd;
  private @Nullable Duration behindLatest;
  private boolean anyRecord;
  private boolean anyAnswer;
  private long lastAnswerNanos;

  ShardReading(
      ShardConsumers shared,
      LeasedShard shard,
      ShardOwnership ownership,
      Delivery delivery,
      ShardMeters meters,
      Mailbox mailbox,
      Runnable wakeup) {
    this.shared = shared;
    this.shard = shard;
    this.ownership = ownership;
    this.delivery = delivery;
    this.meters = meters;
    this.mailbox = mailbox;
    this.wakeup = wakeup;
    this.fetching = shard.fetching();
    this.retention = new RetentionWatch(shard.retention());
    this.until = new ReadUntil(shared.path().excerpt().until());
    boolean polls = fetching.consumerName().isEmpty();
    this.share = shared.budget().join(polls, wakeup);
  }

  void start(long nowNanos) {
    wasStarted = true;
    boolean chosen;
    try {
      chosen = shared.path().excerpt().shards().test(shard.shard());
    } catch (Choice.FailedException e) {
      delivery.park(String.valueOf(e.getMessage()));
      return;
    }
    if (!chosen) {
      readToEnd = true;
      ownership.endsEarly();
      wakeup.run();
      return;
    }
    fetcher = newFetcher(startOf(shard), nowNanos);
  }

  private ShardFetcher newFetcher(ReadFrom from, long nowNanos) {
    Optional<String> consumer = fetching.consumerName();
    return consumer.isPresent() ? fanOut(consumer.get(), from, nowNanos) : polling(from, nowNanos);
  }

  /** Reads in another way from now on, without a gap: from behind what was read last. */
  void switchTo(Fetching how, long nowNanos) {
    if (how.equals(fetching)) {
      return;
    }
    fetching = how;
    ShardFetcher before = fetcher;
    if (before != null) {
      before.stop();
      log.info("{} is read by {} from now on", shard.shard(), how);
      fetcher = newFetcher(before.position(), nowNanos);
    }
  }

  private ShardFetcher fanOut(String consumer, ReadFrom from, long nowNanos) {
    return new FanOutFetcher(
        shared.path().fanOut(),
        shared.fanOutRegistry(),
        consumer,
        fetching.fallsBackToPolling(),
        shared.fetchSettings(),
        target(from),
        shared.newRandom(),
        wakeup,
        nowNanos);
  }

  private ShardFetcher polling(ReadFrom from, long nowNanos) {
    return new PollingFetcher(
        shared.path().polling(),
        shared.fetchSettings(),
        target(from),
        shared.newRandom(),
        nowNanos);
  }

  private FetchTarget target(ReadFrom from) {
    return new FetchTarget(shard.stream().arn(), shard.shard(), from, share, mailbox, this);
  }

  /**
   * Where an ownership begins to read. A checkpoint may lie inside an aggregate, which nobody knows
   * before it is opened: so its Kinesis record is read again, and what is done of it is left out.
   */
  private static ReadFrom startOf(LeasedShard shard) {
    Optional<Position> position = shard.startFrom().position();
    if (position.isPresent()) {
      return new ReadFrom.At(position.get().sequenceNumber());
    }
    if (shard.startFrom() == Checkpoint.Sentinel.TRIM_HORIZON) {
      return new ReadFrom.TrimHorizon();
    }
    return shard
        .startTimestamp()
        .<ReadFrom>map(ReadFrom.AtTimestamp::new)
        .orElseGet(() -> startWithoutTime(shard));
  }

  /**
   * A row of a KCL, which keeps no time. LATEST is then the tip, as for the KCL; where the time of
   * AT_TIMESTAMP is not known, everything comes rather than nothing.
   */
  private static ReadFrom startWithoutTime(LeasedShard shard) {
    return shard.startFrom() == Checkpoint.Sentinel.AT_TIMESTAMP
        ? new ReadFrom.TrimHorizon()
        : new ReadFrom.Latest();
  }

  /**
   * Reads on.
   *
   * @param paused whether what the application depends on is down: then nothing is read ahead, and
   *     the shard's limits are left to others
   */
  long tick(boolean paused, long nowNanos) {
    if (paused && share.heldBytes() > 0) {
      return Long.MAX_VALUE;
    }
    long next = fetch(nowNanos);
    tellOfFailures(nowNanos);
    return next;
  }

  /** Says once that reads fail, and not again before one has succeeded. */
  private void tellOfFailures(long nowNanos) {
    StallReason trouble = stall(nowNanos).orElse(null);
    if (!(trouble instanceof StallReason.FetchFailing failing)) {
      failuresTold = false;
    } else if (!failuresTold && failing.failures() >= FAILURES_TO_TELL) {
      failuresTold = true;
      log.warn("{}: {}; going on with it", shard.shard(), failing.describe());
    }
  }

  private long fetch(long nowNanos) {
    ShardFetcher current = fetcher;
    while (current != null) {
      long next = current.tick(nowNanos);
      if (current == fetcher) {
        return next;
      }
      // It was refused, and another one has taken its place.
      current = fetcher;
    }
    return Long.MAX_VALUE;
  }

  void stop() {
    if (fetcher != null) {
      fetcher.stop();
      fetcher = null;
    }
  }

  /** Gives everything back to the budget. */
  void close() {
    stop();
    share.leave();
  }

  void release(long bytes) {
    share.release(bytes);
  }

  /** Whether the processor was ready once. */
  boolean wasStarted() {
    return wasStarted;
  }

  boolean isReadToEnd() {
    return readToEnd;
  }

  Optional<Duration> behindLatest() {
    return Optional.ofNullable(behindLatest);
  }

  /**
   * How old a record may be that was not read yet; empty before the first answer. An answer says
   * how far behind the tip it is, and everything since is unknown.
   */
  Optional<Duration> unreadAge(long nowNanos) {
    Duration behind = behindLatest;
    return anyAnswer && behind != null
        ? Optional.of(behind.plusNanos(Math.max(0, nowNanos - lastAnswerNanos)))
        : Optional.empty();
  }

  long heldBytes() {
    return share.heldBytes();
  }

  Optional<StallReason> stall(long nowNanos) {
    return fetcher == null ? Optional.empty() : fetcher.stall(nowNanos);
  }

  @Override
  public void fetched(List<KinesisRecord> records, Duration behind, long nowNanos) {
    behindLatest = behind;
    anyAnswer = true;
    lastAnswerNanos = nowNanos;
    meters.read();
    Instant now = shared.path().wallClock().instant();
    Instant first = records.isEmpty() ? null : records.get(0).arrival();
    Instant last = records.isEmpty() ? null : records.get(records.size() - 1).arrival();
    boolean overtaken = !records.isEmpty() && !anyRecord && isBehindTheCheckpoint(records.get(0));
    if (overtaken) {
      tellOfLoss(shard.lastArrival(), Optional.ofNullable(first), nowNanos);
    }
    retention
        .see(first, last, behind.isZero(), now)
        .ifPresent(
            range -> tellOfLoss(Optional.of(range.from()), Optional.of(range.to()), nowNanos));
    if (!records.isEmpty()) {
      anyRecord = true;
      long bytes = 0;
      for (KinesisRecord next : records) {
        bytes += next.data().remaining();
      }
      meters.fetched(bytes);
      delivery.offer(records, behind, nowNanos);
    }
    if (fetcher != null && until.isReached(records, behind.isZero(), now)) {
      stop();
      readToEnd = true;
      ownership.endsEarly();
      wakeup.run();
    }
  }

  /**
   * The record of the checkpoint itself is read again: if it is gone, so may be what came after it.
   */
  private boolean isBehindTheCheckpoint(KinesisRecord first) {
    return shard
        .startFrom()
        .position()
        .filter(start -> first.sequenceNumber().compareTo(start.sequenceNumber()) > 0)
        .isPresent();
  }

  private void tellOfLoss(Optional<Instant> from, Optional<Instant> to, long nowNanos) {
    Optional<Position> after =
        delivery.progress().watermark().or(() -> shard.startFrom().position());
    meters.suspectedLoss();
    log.warn(
        "{}: the retention has overtaken the position {}, so records may have left the stream"
            + " before they were read: those that arrived from {} to {}",
        shard.shard(),
        after.map(Position::toString).orElse("of this worker"),
        from.map(Instant::toString).orElse("an unknown time"),
        to.map(Instant::toString).orElse("the end of the shard"));
    delivery.announce(
        new SuspectedLoss(shard.stream().arn(), shard.shard(), after, from, to), nowNanos);
  }

  @Override
  public void readFailed(KinesisFault fault) {
    meters.readFailed(fault.kind() == KinesisFault.Kind.THROTTLED);
  }

  @Override
  public void endOfShard(List<ChildShard> children, long nowNanos) {
    if (readToEnd) {
      return;
    }
    fetcher = null;
    readToEnd = true;
    if (!anyRecord && shard.startFrom().position().isPresent()) {
      // Not even the record of the checkpoint was there.
      tellOfLoss(shard.lastArrival(), Optional.empty(), nowNanos);
    }
    ownership.childrenFound(children, nowNanos);
  }

  @Override
  public void refused(KinesisFault fault, ReadFrom from, long nowNanos) {
    // The registry warns once per stream: this says which shards it concerns.
    log.info(
        "enhanced fan-out of {} is refused ({}): polling instead", shard.shard(), fault.code());
    fetcher = polling(from, nowNanos);
  }
}
