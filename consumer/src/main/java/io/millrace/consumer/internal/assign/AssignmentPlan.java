package io.millrace.consumer.internal.assign;

import io.millrace.consumer.lease.LeaseKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;

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
 * <p>Pure and deterministic: the order of the input does not matter. It costs one pass over the
 * leases, and the logarithm of the fleet for each that moves: where everything is even, nothing is
 * sorted.
 */
public final class AssignmentPlan {
  /** How much of a worker's load may be noise in the measured throughput. */
  static final double NOISE = 0.05;

  private static final Comparator<Load> LEAST_FIRST =
      Comparator.<Load>comparingLong(load -> load.weight).thenComparing(Load::worker);
  private static final Comparator<Load> MOST_FIRST =
      Comparator.<Load>comparingLong(load -> -load.weight).thenComparing(Load::worker);

  private final Map<String, Load> loads = new HashMap<>();
  private final List<Weighed> free = new ArrayList<>();
  private final Map<LeaseKey, Move> moves = new LinkedHashMap<>();
  private final boolean measured;

  /** The least weight of a lease that may move. */
  private long lightest = Long.MAX_VALUE;

  private AssignmentPlan(Collection<Assignable> leases, Collection<WorkerCapacity> workers) {
    for (WorkerCapacity worker : workers) {
      loads.put(worker.worker(), new Load(worker));
    }
    Weights weights = Weights.of(leases);
    measured = weights.areMeasured();
    for (Assignable lease : leases) {
      Load holder = lease.holder() == null ? null : loads.get(lease.holder());
      if (holder == null && lease.holder() != null) {
        continue;
      }
      Weighed weighed = new Weighed(lease, weights.weight(lease));
      if (lease.movable()) {
        lightest = Math.min(lightest, weighed.weight());
      }
      if (holder == null) {
        free.add(weighed);
      } else {
        holder.add(weighed);
      }
    }
  }

  /** Plans moves for all workers, in an order that is as deterministic as they are. */
  public static List<Move> of(Collection<Assignable> leases, Collection<WorkerCapacity> workers) {
    AssignmentPlan plan = new AssignmentPlan(leases, workers);
    if (!plan.loads.isEmpty()) {
      plan.assignFree();
      plan.balance();
    }
    return List.copyOf(plan.moves.values());
  }

  /**
   * Whether a worker with so many leases would get one more from a peer that has {@code most}, if
   * they all weigh the same.
   *
   * @param measured whether any throughput was measured
   */
  public static boolean wouldBalance(int least, int most, boolean measured) {
    long giver = most * Weights.UNIT;
    long receiver = least * Weights.UNIT;
    return giver - receiver - margin(giver, receiver, measured) > Weights.UNIT;
  }

  private NavigableSet<Load> receivers() {
    NavigableSet<Load> receivers = new TreeSet<>(LEAST_FIRST);
    for (Load load : loads.values()) {
      if (load.hasRoom()) {
        receivers.add(load);
      }
    }
    return receivers;
  }

  private void assignFree() {
    if (free.isEmpty()) {
      return;
    }
    free.sort(Weighed.HEAVIEST_FIRST);
    NavigableSet<Load> receivers = receivers();
    for (Weighed lease : free) {
      Load receiver = receivers.pollFirst();
      if (receiver == null) {
        return;
      }
      move(lease, receiver);
      if (receiver.hasRoom()) {
        receivers.add(receiver);
      }
    }
  }

  /**
   * Moves from the most to the least loaded. A giver of whom nothing fits is left out until it
   * receives something: the least load never falls while leases move, so what did not fit once does
   * not fit later.
   */
  private void balance() {
    NavigableSet<Load> receivers = receivers();
    NavigableSet<Load> givers = new TreeSet<>(MOST_FIRST);
    givers.addAll(loads.values());
    while (!receivers.isEmpty() && !givers.isEmpty()) {
      Load receiver = receivers.first();
      Load giver = givers.first();
      long limit = giver.weight - receiver.weight - margin(giver.weight, receiver.weight, measured);
      if (limit <= lightest) {
        // Nothing fits here, nor between any two whose loads are closer to each other.
        return;
      }
      // Their places in the order change with their loads.
      givers.remove(giver);
      boolean hadRoom = receivers.remove(giver);
      Weighed lease = giver.giveBest(limit);
      if (lease == null) {
        if (hadRoom) {
          receivers.add(giver);
        }
        continue;
      }
      receivers.remove(receiver);
      givers.remove(receiver);
      move(lease, receiver);
      givers.add(giver);
      givers.add(receiver);
      if (giver.hasRoom()) {
        receivers.add(giver);
      }
      if (receiver.hasRoom()) {
        receivers.add(receiver);
      }
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

  private static long margin(long giver, long receiver, boolean measured) {
    return measured ? (long) (NOISE / 2 * (giver + receiver)) : 0;
  }
}
