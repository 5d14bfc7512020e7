package io.millrace.consumer.internal.process;

import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;

/**
 * How many records all shards of a worker together deliver per second: a token bucket of a tenth of
 * a second's records. A part that is larger than the bucket leaves a debt that later ones wait for.
 *
 * <p>Thread-safe by its monitor, under which nothing but arithmetic happens.
 */
public final class RecordRate {
  private static final double BURST_SECONDS = 0.1;

  private final boolean limited;
  private final double perNano;
  private final double most;
  private double tokens;
  private long filledNanos;
  private boolean begun;

  /** Creates it full; without a limit if there is none. */
  public RecordRate(OptionalDouble recordsPerSecond) {
    this.limited = recordsPerSecond.isPresent();
    double perSecond = recordsPerSecond.orElse(1);
    this.perNano = perSecond / TimeUnit.SECONDS.toNanos(1);
    this.most = Math.max(1, perSecond * BURST_SECONDS);
    this.tokens = most;
  }

  boolean isUnlimited() {
    return !limited;
  }

  /**
   * Takes the tokens of some records.
   *
   * @return 0 if they may be delivered now; else nothing is taken, and it is worth asking again
   *     after so many nanos
   */
  long take(int records, long nowNanos) {
    if (!limited) {
      return 0;
    }
    synchronized (this) {
      if (!begun) {
        begun = true;
        filledNanos = nowNanos;
      }
      long elapsed = Math.max(0, nowNanos - filledNanos);
      tokens = Math.min(most, tokens + elapsed * perNano);
      filledNanos += elapsed;
      double wanted = Math.min(records, most);
      if (tokens < wanted) {
        return Math.max(1, (long) Math.ceil((wanted - tokens) / perNano));
      }
      tokens -= records;
      return 0;
    }
  }
}
