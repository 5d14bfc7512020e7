package io.millrace.consumer.internal.coordinate;

import io.millrace.consumer.lease.LeaseKey;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * Since when this worker has seen leases free. After some time a free lease is anybody's: whoever
 * was planned to take it has not. A few are taken in no time by somebody who knows of them; of
 * many, their taker may not be through yet. Confined to the loop.
 */
final class FreeLeases {
  private static final long PATIENCE_NANOS = Duration.ofMillis(300).toNanos();
  private static final long PATIENCE_PER_LEASE_NANOS = Duration.ofMillis(20).toNanos();
  private static final long GREATEST_PATIENCE_NANOS = Duration.ofSeconds(4).toNanos();

  private final RandomGenerator random;
  private final Map<LeaseKey, Long> since = new HashMap<>();

  FreeLeases(RandomGenerator random) {
    this.random = random;
  }

  /** A lease is seen to be free. */
  void add(LeaseKey lease, long nowNanos) {
    since.putIfAbsent(lease, nowNanos);
  }

  /** A lease is not free. */
  void remove(LeaseKey lease) {
    since.remove(lease);
  }

  /** Keeps those of which this holds. */
  void retain(Predicate<LeaseKey> kept) {
    since.keySet().removeIf(kept.negate());
  }

  void clear() {
    since.clear();
  }

  boolean isEmpty() {
    return since.isEmpty();
  }

  int size() {
    return since.size();
  }

  /** Whether a lease has been free for so long that it is left over, give or take some chance. */
  boolean isLeftOver(LeaseKey lease, long nowNanos) {
    Long seen = since.get(lease);
    return seen != null
        && nowNanos - seen > leastPatienceNanos() + random.nextLong(leastPatienceNanos());
  }

  /** Whether a lease was seen to be free before that time already. */
  boolean isFreeSinceBefore(LeaseKey lease, long nanos) {
    Long seen = since.get(lease);
    return seen != null && nanos - seen > 0;
  }

  /** For how long none of them is left over yet. */
  long leastPatienceNanos() {
    return Math.min(
        GREATEST_PATIENCE_NANOS, PATIENCE_NANOS + PATIENCE_PER_LEASE_NANOS * since.size());
  }
}
