package io.millrace.consumer.internal.fetch;

import io.millrace.consumer.StallReason;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Reads a shard by GetRecords, one request at a time, at the pace that the service and the byte
 * budget allow. Confined to the worker loop.
 *
 * <p>How much one read asks for follows what reads bring: it doubles while the shard is behind, and
 * falls to a little at the tip; the number of records follows from their mean size.
 */
public final class PollingFetcher implements ShardFetcher {
  /** The most that one answer of the service holds. */
  private static final long MAX_ANSWER_BYTES = 10L << 20;

  private static final long MIN_ANSWER_BYTES = 256L << 10;
  private static final long FIRST_ANSWER_BYTES = 1L << 20;

  /** Assumed until the first answer: a default aggregate of the KPL and its overhead. */
  private static final long FIRST_RECORD_BYTES = 64L << 10;

  private enum Step {
    NEEDS_ITERATOR,
    REQUESTS_ITERATOR,
    HAS_ITERATOR,
    READS,
    ENDED
  }

  private final FetchPort port;
  private final FetchSettings settings;
  private final FetchTarget target;
  private final PollPace pace;
  private final ReadCursor cursor;

  private Step step = Step.NEEDS_ITERATOR;
  private String iterator = "";
  private long dueNanos;
  private long sentNanos;
  private long requestId;
  private long wantBytes = FIRST_ANSWER_BYTES;
  private double recordBytes = FIRST_RECORD_BYTES;
  private boolean anyRecord;
  private int limit;
  private boolean waitsForBudget;
  private long waitsSinceNanos;
  private @Nullable KinesisFault fault;
  private long faultSinceNanos;

  /** Creates a fetcher that starts at once. */
  public PollingFetcher(
      FetchPort port,
      FetchSettings settings,
      FetchTarget target,
      RandomGenerator random,
      long nowNanos) {
    this.port = port;
    this.settings = settings;
    this.target = target;
    this.pace =
        new PollPace(
            settings.readsPerSecond(),
            settings.readBytesPerSecond(),
            settings.idleInterval(),
            random);
    this.cursor = new ReadCursor(target.from());
    this.dueNanos = nowNanos;
  }

  @Override
  public long tick(long nowNanos) {
    switch (step) {
      case NEEDS_ITERATOR -> {
        if (dueNanos - nowNanos <= 0) {
          requestIterator(nowNanos);
        }
      }
      case HAS_ITERATOR -> {
        if (dueNanos - nowNanos <= 0) {
          readIfAllowed(nowNanos);
        }
      }
      case REQUESTS_ITERATOR, READS -> checkLost(nowNanos);
      case ENDED -> {}
    }
    return switch (step) {
      case NEEDS_ITERATOR -> Math.max(0, dueNanos - nowNanos);
      case HAS_ITERATOR -> waitsForBudget ? Long.MAX_VALUE : Math.max(0, dueNanos - nowNanos);
      case REQUESTS_ITERATOR, READS -> Math.max(0, sentNanos + lostNanos() - nowNanos);
      case ENDED -> Long.MAX_VALUE;
    };
  }

  private void requestIterator(long nowNanos) {
    step = Step.REQUESTS_ITERATOR;
    sentNanos = nowNanos;
    long id = ++requestId;
    port.shardIterator(target.streamArn(), target.shard(), cursor.from())
        .whenComplete(
            (reply, defect) ->
                target.inbox().post(now -> onIterator(id, Replies.orDefect(reply, defect), now)));
  }

  private void onIterator(long id, Reply<String> reply, long nowNanos) {
    if (id != requestId || step != Step.REQUESTS_ITERATOR) {
      return;
    }
    if (reply instanceof Reply.Ok<String> ok) {
      iterator = ok.value();
      step = Step.HAS_ITERATOR;
      dueNanos = nowNanos;
    } else if (reply instanceof Reply.Failed<String> failed) {
      step = Step.NEEDS_ITERATOR;
      failed(failed.fault(), nowNanos);
    }
  }

  private void readIfAllowed(long nowNanos) {
    long granted = target.share().ask((long) recordBytes, wantBytes);
    if (granted == 0) {
      if (!waitsForBudget) {
        waitsForBudget = true;
        waitsSinceNanos = nowNanos;
      }
      return;
    }
    waitsForBudget = false;
    step = Step.READS;
    sentNanos = nowNanos;
    limit = (int) Math.max(1, Math.min(settings.maxRecords(), granted / recordBytes));
    long id = ++requestId;
    port.read(target.streamArn(), iterator, limit)
        .whenComplete(
            (reply, defect) ->
                target.inbox().post(now -> onRead(id, Replies.orDefect(reply, defect), now)));
  }

  private void onRead(long id, Reply<FetchedRecords> reply, long nowNanos) {
    if (id != requestId || step != Step.READS) {
      return;
    }
    if (reply instanceof Reply.Ok<FetchedRecords> ok) {
      onRecords(ok.value(), nowNanos);
    } else if (reply instanceof Reply.Failed<FetchedRecords> failed) {
      target.share().giveBack();
      target.sink().readFailed(failed.fault());
      boolean expired = failed.fault().kind() == KinesisFault.Kind.EXPIRED_ITERATOR;
      boolean routine = expired && fault == null;
      step = expired ? Step.NEEDS_ITERATOR : Step.HAS_ITERATOR;
      failed(failed.fault(), nowNanos);
      if (routine) {
        dueNanos = nowNanos;
      }
    }
  }

  private void onRecords(FetchedRecords answer, long nowNanos) {
    fault = null;
    List<KinesisRecord> records = cursor.advance(answer.records());
    long charged = charged(records);
    boolean more = !answer.behindLatest().isZero() || answer.records().size() >= limit;
    learn(answer.records(), more);
    target.share().settle(charged);
    dueNanos = pace.afterAnswer(sentNanos, dataBytes(answer.records()), more);
    step = answer.endOfShard() ? Step.ENDED : Step.HAS_ITERATOR;
    answer.next().ifPresent(next -> iterator = next);
    target.sink().fetched(records, answer.behindLatest(), nowNanos);
    if (answer.endOfShard()) {
      target.sink().endOfShard(answer.children(), nowNanos);
    }
  }

  private void learn(List<KinesisRecord> records, boolean more) {
    if (!records.isEmpty()) {
      long bytes = charged(records);
      double mean = (double) bytes / records.size();
      // Quick to grow, slow to shrink: an estimate that is too small costs memory.
      recordBytes = anyRecord ? Math.max(mean, recordBytes + (mean - recordBytes) / 2) : mean;
      anyRecord = true;
      wantBytes = more ? wantBytes * 2 : bytes * 2;
    } else if (!more) {
      wantBytes = MIN_ANSWER_BYTES;
    }
    wantBytes = Math.max(MIN_ANSWER_BYTES, Math.min(MAX_ANSWER_BYTES, wantBytes));
  }

  static long charged(List<KinesisRecord> records) {
    long bytes = 0;
    for (KinesisRecord next : records) {
      bytes += next.chargedBytes();
    }
    return bytes;
  }

  private static long dataBytes(List<KinesisRecord> records) {
    long bytes = 0;
    for (KinesisRecord next : records) {
      bytes += next.data().remaining();
    }
    return bytes;
  }

  private void failed(KinesisFault met, long nowNanos) {
    if (fault == null) {
      faultSinceNanos = nowNanos;
    }
    fault = met;
    dueNanos =
        met.kind() == KinesisFault.Kind.THROTTLED
            ? pace.afterThrottle(nowNanos)
            : pace.afterFailure(nowNanos);
  }

  private long lostNanos() {
    return 2 * settings.requestTimeout().toNanos();
  }

  private void checkLost(long nowNanos) {
    if (nowNanos - sentNanos < lostNanos()) {
      return;
    }
    requestId++;
    target.share().giveBack();
    step = step == Step.READS ? Step.HAS_ITERATOR : Step.NEEDS_ITERATOR;
    failed(Replies.LOST, nowNanos);
  }

  @Override
  public ReadFrom position() {
    return cursor.from();
  }

  @Override
  public void stop() {
    if (step != Step.ENDED) {
      step = Step.ENDED;
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
    if (met == null) {
      return Optional.empty();
    }
    Duration lasts = since(faultSinceNanos, nowNanos);
    return Optional.of(
        met.kind() == KinesisFault.Kind.THROTTLED
            ? new StallReason.Throttled(pace.throttles(), lasts)
            : new StallReason.FetchFailing(pace.failures(), met.code(), met.message(), lasts));
  }

  private static Duration since(long thenNanos, long nowNanos) {
    return Duration.ofNanos(Math.max(0, nowNanos - thenNanos));
  }
}
