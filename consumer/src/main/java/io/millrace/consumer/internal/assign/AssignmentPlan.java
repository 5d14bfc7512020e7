package io.millrace.consumer.internal.assign;

import io.millrace.consumer.lease.LeaseKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The plan of the whole fleet, as one worker sees it. Every worker computes it and carries out only
 * the moves to itself; workers that see the same compute the same, and where they don't, the
 * conditions of their writes decide.
 *
 * <ul>
 *   <li>Free leases go to the least loaded workers, heaviest first.
 *   <li>Then the most loaded worker gives to the least loaded one, one lease at a time, as long as
 *       the receiver stays <em>clearly</em> below what the giver had. Each such move lowers the sum
 *       of the squared loads, so plans come to an end; a plan that has been carried out plans
 *       nothing more.
 * </ul>
 *
 * <p>A lease weighs 1 on average: half of it by count, half by its share of the measured
 * throughput. Measured weights are noisy, so they must differ by {@link #NOISE} of the load before
 * anything moves; counts are exact, and balance to within one lease.
 *
 * <p>Pure and deterministic: the order of the input does not matter.
 */
public final class AssignmentPlan {
  /** How much of a worker's load may be noise in the measured throughput. */
  static final double NOISE = 0.05;

  private final TreeMap<String, Load> loads = new TreeMap<>();
  private final List<Weighed> free = new ArrayList<>();
  private final TreeMap<LeaseKey, Move> moves = new TreeMap<>();
  private final boolean measured;

  private AssignmentPlan(Collection<Assignable> leases, Collection<WorkerCapacity> workers) {
    for (WorkerCapacity worker : workers) {
      loads.put(worker.worker(), new Load(worker));
    }
    double mean =
        leases.stream()
            .mapToDouble(Assignable::throughputKBps)
            .filter(throughput -> throughput >= 0)
            .average()
            .orElse(0);
    measured = mean > 0;
    for (Assignable lease : leases) {
      Weighed weighed = new Weighed(lease, weight(lease, mean));
      if (lease.holder() == null) {
        free.add(weighed);
      } else {
        Load holder = loads.get(lease.holder());
        if (holder != null) {
          holder.add(weighed);
        }
      }
    }
  }

  /** Plans moves for all workers. */
  public static List<Move> of(Collection<Assignable> leases, Collection<WorkerCapacity> workers) {
    AssignmentPlan plan = new AssignmentPlan(leases, workers);
    if (!plan.loads.isEmpty()) {
      plan.assignFree();
      plan.balance();
    }
    return List.copyOf(plan.moves.values());
  }

  private static double weight(Assignable lease, double mean) {
    return mean > 0 && lease.throughputKBps() >= 0 ? 0.5 + 0.5 * lease.throughputKBps() / mean : 1;
  }

  private void assignFree() {
    free.sort(Weighed.HEAVIEST_FIRST);
    for (Weighed lease : free) {
      Load receiver = leastLoaded();
      if (receiver == null) {
        return;
      }
      move(lease, receiver);
    }
  }

  private void balance() {
    // Givers of whom nothing fits: their leases are too heavy, or don't move.
    Set<String> exhausted = new HashSet<>();
    while (true) {
      Load receiver = leastLoaded();
      Load giver = mostLoaded(exhausted);
      if (receiver == null || giver == null || giver == receiver) {
        return;
      }
      Weighed lease = giver.best(giver.weight - receiver.weight - margin(giver, receiver));
      if (lease == null) {
        exhausted.add(giver.worker());
        continue;
      }
      exhausted.clear();
      giver.remove(lease);
      move(lease, receiver);
    }
  }

  /** Moves a lease, perhaps not for the last time: what counts is where it ends up. */
  private void move(Weighed lease, Load receiver) {
    receiver.add(lease);
    LeaseKey key = lease.lease().lease();
    if (receiver.worker().equals(lease.lease().holder())) {
      moves.remove(key);
    } else {
      moves.put(key, new Move(key, lease.lease().holder(), receiver.worker()));
    }
  }

  private double margin(Load giver, Load receiver) {
    return measured ? NOISE * (giver.weight + receiver.weight) / 2 : 0;
  }

  private @Nullable Load leastLoaded() {
    Load least = null;
    for (Load load : loads.values()) {
      if (load.hasRoom() && (least == null || load.weight < least.weight - Load.EPSILON)) {
        least = load;
      }
    }
    return least;
  }

  private @Nullable Load mostLoaded(Set<String> exhausted) {
    Load most = null;
    for (Load load : loads.values()) {
      if (!exhausted.contains(load.worker())
          && (most == null || load.weight > most.weight + Load.EPSILON)) {
        most = load;
      }
    }
    return most;
  }

  /** A lease with its weight. */
  private record Weighed(Assignable lease, double weight) {
    static final Comparator<Weighed> HEAVIEST_FIRST =
        Comparator.comparingDouble(Weighed::weight)
            .reversed()
            .thenComparing(weighed -> weighed.lease().lease());
  }

  /** What one worker has in the plan so far. */
  private static final class Load {
    static final double EPSILON = 1e-9;

    private final WorkerCapacity capacity;
    private final List<Weighed> movable = new ArrayList<>();
    private double weight;
    private int count;
    private boolean sorted = true;

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
        movable.add(lease);
        sorted = false;
      }
    }

    void remove(Weighed lease) {
      weight -= lease.weight();
      count--;
      movable.remove(lease);
    }

    /**
     * The lease that evens the load out best: nearest to half of the difference, and below {@code
     * limit}.
     */
    @Nullable Weighed best(double limit) {
      if (!sorted) {
        movable.sort(Weighed.HEAVIEST_FIRST);
        sorted = true;
      }
      Weighed best = null;
      double wanted = limit / 2;
      for (Weighed lease : movable) {
        if (lease.weight() < limit - EPSILON
            && (best == null
                || Math.abs(lease.weight() - wanted)
                    < Math.abs(best.weight() - wanted) - EPSILON)) {
          best = lease;
        }
      }
      return best;
    }
  }
}
