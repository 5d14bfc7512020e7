package io.millrace.testkit.kinesis.limit;

/**
 * An allowance that refills at a constant rate up to one second's worth. Not thread-safe: guarded
 * by its owner's lock.
 */
public final class TokenBucket {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final long perSecond;

  /** In tokens times nanoseconds, so that refilling is exact in integers. */
  private final long capacity;

  private long level;
  private long refilledNanos;

  /**
   * Starts full.
   *
   * @param perSecond tokens per second, 1 to a billion
   */
  public TokenBucket(long perSecond, long nowNanos) {
    this.perSecond = perSecond;
    this.capacity = perSecond * NANOS_PER_SECOND;
    this.level = capacity;
    this.refilledNanos = nowNanos;
  }

  /**
   * Whether this many tokens are there; more than the bucket holds count as there when it is full.
   */
  public boolean has(long tokens, long nowNanos) {
    refill(nowNanos);
    return level >= scaled(Math.min(tokens, perSecond));
  }

  /** Whether any token is there. */
  public boolean hasAny(long nowNanos) {
    refill(nowNanos);
    return level > 0;
  }

  /** Takes tokens whether or not they are there; a debt has to be refilled first. */
  public void take(long tokens) {
    level -= scaled(tokens);
  }

  /** Takes the tokens if they are there. */
  public boolean tryTake(long tokens, long nowNanos) {
    if (!has(tokens, nowNanos)) {
      return false;
    }
    take(tokens);
    return true;
  }

  /** Nanoseconds until any token is there; 0 if one is. */
  public long nanosUntilAny(long nowNanos) {
    refill(nowNanos);
    return level > 0 ? 0 : -level / perSecond + 1;
  }

  private void refill(long nowNanos) {
    long elapsed = nowNanos - refilledNanos;
    if (elapsed <= 0) {
      return;
    }
    refilledNanos = nowNanos;
    long nanosToFull = (capacity - level) / perSecond + 1;
    level = elapsed >= nanosToFull ? capacity : Math.min(capacity, level + elapsed * perSecond);
  }

  private static long scaled(long tokens) {
    return tokens * NANOS_PER_SECOND;
  }
}
