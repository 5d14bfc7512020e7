package io.millrace.consumer.internal.shard;

import java.util.concurrent.TimeUnit;

/** Bytes per second, averaged over about a minute. Confined to the worker loop. */
final class Throughput {
  private static final double WINDOW_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final long STEP_NANOS = TimeUnit.SECONDS.toNanos(1);

  private boolean started;
  private long stepStartNanos;
  private long stepBytes;
  private double rate;

  void add(long bytes, long nowNanos) {
    settle(nowNanos);
    stepBytes += bytes;
  }

  double bytesPerSecond(long nowNanos) {
    settle(nowNanos);
    return rate;
  }

  private void settle(long nowNanos) {
    if (!started) {
      started = true;
      stepStartNanos = nowNanos;
    }
    long elapsed = nowNanos - stepStartNanos;
    if (elapsed >= STEP_NANOS) {
      double now = stepBytes * (double) TimeUnit.SECONDS.toNanos(1) / elapsed;
      double weight = 1 - Math.exp(-elapsed / WINDOW_NANOS);
      rate += weight * (now - rate);
      stepBytes = 0;
      stepStartNanos = nowNanos;
    }
  }
}
