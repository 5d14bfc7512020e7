package io.millrace.producer.internal.limit;

import java.util.concurrent.TimeUnit;

/**
 * Tokens that fill up at a rate given from outside. Taking is allowed while any are there and may
 * leave a debt, so that a piece larger than the capacity passes, too, and is paid off afterwards.
 *
 * <p>Confined to the stream's loop.
 */
final class TokenBucket {
  private final double capacitySeconds;
  private double tokens;
  private long filledNanos;

  /**
   * Starts full.
   *
   * @param capacitySeconds how much it holds, as the time it takes to fill
   */
  TokenBucket(double capacitySeconds, double tokensPerSecond, long nowNanos) {
    this.capacitySeconds = capacitySeconds;
    this.tokens = capacity(tokensPerSecond);
    this.filledNanos = nowNanos;
  }

  /** Adds what has come in since the last call. */
  void fill(double tokensPerSecond, long nowNanos) {
    long elapsed = nowNanos - filledNanos;
    if (elapsed > 0) {
      double added = tokensPerSecond * elapsed / TimeUnit.SECONDS.toNanos(1);
      tokens = Math.min(tokens + added, capacity(tokensPerSecond));
      filledNanos = nowNanos;
    }
  }

  void take(double count) {
    tokens -= count;
  }

  /** Forgets what was saved up. */
  void drain() {
    tokens = Math.min(tokens, 0);
  }

  /** Nanoseconds until there is any token, at this rate; 0 if there is one. */
  long nanosUntilAny(double tokensPerSecond) {
    return tokens > 0
        ? 0
        : (long) Math.ceil((-tokens / tokensPerSecond) * TimeUnit.SECONDS.toNanos(1)) + 1;
  }

  private double capacity(double tokensPerSecond) {
    return Math.max(1, capacitySeconds * tokensPerSecond);
  }
}
