package io.millrace.consumer.internal.assign;

import java.util.Collection;

/**
 * What leases weigh: {@link #UNIT} on average, half of it by count, half by the share of the
 * measured throughput. Weights are whole numbers, so that sums are exact in whatever order they are
 * made.
 */
final class Weights {
  /** What a lease weighs on average, and one of unknown throughput always. */
  static final long UNIT = 1L << 20;

  private static final double BYTES_PER_KB = 1_024;

  /** Far above what a shard can have; what a row says beyond it is taken for that. */
  private static final double GREATEST_KBPS = 1 << 20;

  private final long bytes;
  private final long known;

  private Weights(long bytes, long known) {
    this.bytes = bytes;
    this.known = known;
  }

  /** The weights of these leases. */
  static Weights of(Collection<Assignable> leases) {
    long bytes = 0;
    long known = 0;
    for (Assignable lease : leases) {
      if (isKnown(lease)) {
        bytes += bytes(lease);
        known++;
      }
    }
    return new Weights(bytes, known);
  }

  /** Whether any throughput was measured: if not, leases count alike. */
  boolean areMeasured() {
    return bytes > 0;
  }

  /** What a lease weighs. */
  long weight(Assignable lease) {
    if (bytes == 0 || !isKnown(lease)) {
      return UNIT;
    }
    double share = (double) bytes(lease) * known / bytes;
    return UNIT / 2 + (long) (UNIT / 2 * share);
  }

  private static boolean isKnown(Assignable lease) {
    return lease.throughputKBps() >= 0;
  }

  private static long bytes(Assignable lease) {
    return (long) (Math.min(lease.throughputKBps(), GREATEST_KBPS) * BYTES_PER_KB);
  }
}
