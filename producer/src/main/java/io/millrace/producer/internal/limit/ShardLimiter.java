package io.millrace.producer.internal.limit;

import java.util.concurrent.TimeUnit;

/**
 * How fast one shard may be sent to: two token buckets, records and bytes, whose rate is cut when
 * the service throttles and grows back while it does not. Additive increase with multiplicative
 * decrease makes several producers on one shard converge to equal shares without knowing each
 * other.
 *
 * <p>Confined to the stream's loop.
 */
public final class ShardLimiter {
  /** The service judges by the second; a smaller burst leaves the edges of its window alone. */
  private static final double BURST_SECONDS = 0.25;

  private static final double CUT = 0.7;
  private static final double GROWTH_PER_SECOND = 0.1;
  private static final double MIN_FACTOR = 0.01;

  private final double maxRecordsPerSecond;
  private final double maxBytesPerSecond;
  private final TokenBucket records;
  private final TokenBucket bytes;

  private double factorAtCut = 1;
  private long cutNanos;
  private boolean everCut;

  /** Starts at the full rate with a small burst saved up. */
  public ShardLimiter(double recordsPerSecond, double bytesPerSecond, long nowNanos) {
    this.maxRecordsPerSecond = recordsPerSecond;
    this.maxBytesPerSecond = bytesPerSecond;
    this.records = new TokenBucket(BURST_SECONDS, recordsPerSecond, nowNanos);
    this.bytes = new TokenBucket(BURST_SECONDS, bytesPerSecond, nowNanos);
  }

  /** Nanoseconds until the next record may leave; 0 if it may now. */
  public long nanosUntilAvailable(long nowNanos) {
    double factor = factor(nowNanos);
    fill(factor, nowNanos);
    return Math.max(
        records.nanosUntilAny(maxRecordsPerSecond * factor),
        bytes.nanosUntilAny(maxBytesPerSecond * factor));
  }

  /** A record leaves; it may overdraw. */
  public void take(long sizeBytes, long nowNanos) {
    fill(factor(nowNanos), nowNanos);
    records.take(1);
    bytes.take((double) sizeBytes);
  }

  /**
   * The service throttled a record. Cuts the rate at most once per round trip: throttles of
   * requests that left before the last cut say nothing new.
   *
   * @param leftNanos when the record's request left
   * @return whether the rate was cut
   */
  public boolean throttled(long leftNanos, long nowNanos) {
    if (everCut && leftNanos - cutNanos < 0) {
      return false;
    }
    double factor = factor(nowNanos);
    fill(factor, nowNanos);
    records.drain();
    bytes.drain();
    factorAtCut = Math.max(MIN_FACTOR, factor * CUT);
    cutNanos = nowNanos;
    everCut = true;
    return true;
  }

  /** The part of the full rate in use, up to 1. */
  public double factor(long nowNanos) {
    if (!everCut) {
      return 1;
    }
    double seconds = (double) (nowNanos - cutNanos) / TimeUnit.SECONDS.toNanos(1);
    return Math.min(1, factorAtCut + GROWTH_PER_SECOND * seconds);
  }

  private void fill(double factor, long nowNanos) {
    records.fill(maxRecordsPerSecond * factor, nowNanos);
    bytes.fill(maxBytesPerSecond * factor, nowNanos);
  }
}
