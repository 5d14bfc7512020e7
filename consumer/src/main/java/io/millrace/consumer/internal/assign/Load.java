package io.millrace.consumer.internal.assign;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.PriorityQueue;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What one worker has in the plan so far. */
final class Load {
  private final WorkerCapacity capacity;

  /** What may move, until somebody asks for it by weight. */
  private final List<Weighed> movable = new ArrayList<>();

  /** What may move, by weight, those of one weight in the order of their keys. */
  private @Nullable NavigableMap<Long, PriorityQueue<Weighed>> byWeight;

  private int count;

  /** The sum of the weights. */
  long weight;

  Load(WorkerCapacity capacity) {
    this.capacity = capacity;
  }

  String worker() {
    return capacity.worker();
  }

  boolean hasRoom() {
    return count < capacity.maxLeases();
  }

  void add(Weighed lease) {
    weight += lease.weight();
    count++;
    if (lease.lease().movable()) {
      if (byWeight == null) {
        movable.add(lease);
      } else {
        sort(lease, byWeight);
      }
    }
  }

  /**
   * Takes out the lease that evens the load out best: nearest to half of {@code limit}, and below
   * it.
   *
   * @return null if there is none
   */
  @Nullable Weighed giveBest(long limit) {
    NavigableMap<Long, PriorityQueue<Weighed>> sorted = sorted();
    var below = sorted.floorEntry(limit / 2);
    var above = sorted.higherEntry(limit / 2);
    var best = isBetter(above, below, limit) ? above : below;
    if (best == null) {
      return null;
    }
    Weighed lease = best.getValue().remove();
    if (best.getValue().isEmpty()) {
      sorted.remove(best.getKey());
    }
    weight -= lease.weight();
    count--;
    return lease;
  }

  private static boolean isBetter(
      Map.@Nullable Entry<Long, ?> above, Map.@Nullable Entry<Long, ?> below, long limit) {
    if (above == null || above.getKey() >= limit) {
      return false;
    }
    return below == null || 2 * above.getKey() - limit <= limit - 2 * below.getKey();
  }

  private NavigableMap<Long, PriorityQueue<Weighed>> sorted() {
    if (byWeight == null) {
      byWeight = new TreeMap<>();
      for (Weighed lease : movable) {
        sort(lease, byWeight);
      }
      movable.clear();
    }
    return byWeight;
  }

  private static void sort(Weighed lease, NavigableMap<Long, PriorityQueue<Weighed>> byWeight) {
    byWeight
        .computeIfAbsent(lease.weight(), weight -> new PriorityQueue<>(Weighed::byKey))
        .add(lease);
  }
}
