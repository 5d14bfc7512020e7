package io.millrace.consumer.internal.loop;

/**
 * Since when an observer has been blind: from its last reading on, once a later one has failed.
 * What stood still meanwhile may have moved, or have been kept from moving by the same failure.
 * Confined to the loop.
 */
public final class Sight {
  private long readNanos;
  private boolean failed;

  /** Sees, for now. */
  public Sight(long nowNanos) {
    this.readNanos = nowNanos;
  }

  /** A reading has failed: what comes next may be all that was missed. */
  public void failed() {
    failed = true;
  }

  /** A reading has succeeded; returns for how long the observer had been blind. */
  public long read(long nowNanos) {
    long blindNanos = blindNanos(nowNanos);
    readNanos = nowNanos;
    failed = false;
    return blindNanos;
  }

  /** For how long the observer has been blind; 0 if it sees. */
  public long blindNanos(long nowNanos) {
    return failed ? nowNanos - readNanos : 0;
  }
}
