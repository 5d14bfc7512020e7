package io.millrace.consumer.internal.checkpoint;

import io.millrace.consumer.internal.backoff.FullJitter;
import io.millrace.model.Position;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * When the watermark of a shard is written to the lease table: a time after the first record was
 * acknowledged that is not yet covered, or after a number of records, with one write at a time and
 * backoff after failures. Confined to the worker loop.
 */
public final class CheckpointSchedule {
  /** The count alone never writes more often than this. */
  private static final long MIN_NANOS_BETWEEN_WRITES = Duration.ofSeconds(1).toNanos();

  private final long intervalNanos;
  private final int records;
  private final FullJitter backoff;

  private @Nullable Position durable;
  private @Nullable Position inFlight;
  private long recordsInFlight;

  /** Acknowledged records that the last durable checkpoint covers. */
  private long recordsDurable;

  private boolean uncovered;
  private long uncoveredSinceNanos;
  private boolean everWritten;
  private long lastWriteNanos;
  private int failures;
  private long firstFailureNanos;
  private long retryNanos;
  private String lastFailure = "";

  /**
   * Creates the schedule of one ownership.
   *
   * @param interval how long an acknowledged record waits at most
   * @param records how many acknowledged records wait at most
   * @param backoff after a failed write
   * @param start the checkpoint that the shard is resumed from, or null
   */
  public CheckpointSchedule(
      Duration interval, int records, FullJitter backoff, @Nullable Position start) {
    this.intervalNanos = interval.toNanos();
    this.records = records;
    this.backoff = backoff;
    this.durable = start;
  }

  /**
   * What to write now. A non-empty answer counts as in flight until {@link #applied} or {@link
   * #unavailable}.
   *
   * <p>Acknowledgements beyond the watermark are worth a write too, of the same position: they
   * stand beside it.
   *
   * @param watermark the highest position up to which all is acknowledged, or null
   * @param acknowledgedRecords how many records are acknowledged since the start of the ownership
   */
  public Optional<Position> due(
      @Nullable Position watermark, long acknowledgedRecords, long nowNanos) {
    return dueIf(watermark, acknowledgedRecords, nowNanos, false);
  }

  /** The same, without waiting for the interval: for the last checkpoint of an ownership. */
  public Optional<Position> dueNow(
      @Nullable Position watermark, long acknowledgedRecords, long nowNanos) {
    return dueIf(watermark, acknowledgedRecords, nowNanos, true);
  }

  private Optional<Position> dueIf(
      @Nullable Position watermark, long acknowledgedRecords, long nowNanos, boolean atOnce) {
    boolean nothingNew = acknowledgedRecords == recordsDurable;
    if (inFlight != null || watermark == null || (isCovered(watermark) && nothingNew)) {
      return Optional.empty();
    }
    if (!uncovered) {
      uncovered = true;
      uncoveredSinceNanos = nowNanos;
    }
    long wait = atOnce ? retryNanosLeft(nowNanos) : nanosUntilDue(acknowledgedRecords, nowNanos);
    if (wait > 0) {
      return Optional.empty();
    }
    inFlight = watermark;
    recordsInFlight = acknowledgedRecords;
    everWritten = true;
    lastWriteNanos = nowNanos;
    return Optional.of(watermark);
  }

  private boolean isCovered(Position position) {
    return durable != null && position.compareTo(durable) <= 0;
  }

  /**
   * Nanos until something is due, if the watermark stays where the last call of {@link #due} saw
   * it.
   */
  public long nanosUntilDue(long acknowledgedRecords, long nowNanos) {
    if (inFlight != null || !uncovered) {
      return Long.MAX_VALUE;
    }
    long byTime = uncoveredSinceNanos + intervalNanos - nowNanos;
    long next = byTime;
    if (acknowledgedRecords - recordsDurable >= records) {
      long byCount = everWritten ? lastWriteNanos + MIN_NANOS_BETWEEN_WRITES - nowNanos : 0;
      next = Math.min(byTime, byCount);
    }
    return Math.max(0, Math.max(next, retryNanosLeft(nowNanos)));
  }

  /** Nanos until a failed write may be repeated; 0 if none has failed. */
  public long retryNanosLeft(long nowNanos) {
    return failures == 0 ? 0 : Math.max(0, retryNanos - nowNanos);
  }

  /** The write in flight says more than was due. */
  public void inFlight(Position later) {
    inFlight = later;
  }

  /** The write in flight is durable. */
  public void applied() {
    durable = inFlight;
    recordsDurable = recordsInFlight;
    inFlight = null;
    uncovered = false;
    failures = 0;
  }

  /** The write in flight failed, or nobody knows. */
  public void unavailable(String reason, long nowNanos) {
    inFlight = null;
    if (failures++ == 0) {
      firstFailureNanos = nowNanos;
    }
    lastFailure = reason;
    retryNanos = nowNanos + backoff.nanos(failures);
  }

  /** Whether a write is in flight. */
  public boolean isInFlight() {
    return inFlight != null;
  }

  /** The last checkpoint known to be durable. */
  public Optional<Position> durable() {
    return Optional.ofNullable(durable);
  }

  /** How often writing failed in a row. */
  public int failures() {
    return failures;
  }

  /** When the first of these failures was. */
  public long firstFailureNanos() {
    return firstFailureNanos;
  }

  /** What the store said last. */
  public String lastFailure() {
    return lastFailure;
  }
}
