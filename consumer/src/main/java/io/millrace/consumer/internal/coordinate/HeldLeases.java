package io.millrace.consumer.internal.coordinate;

import io.millrace.consumer.internal.hold.HeldLease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.model.ShardId;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The leases that this worker holds. Confined to the loop. */
final class HeldLeases {
  private final Map<LeaseKey, HeldLease> byKey = new HashMap<>();

  /** The same, in the order of their keys. */
  private final TreeMap<LeaseKey, HeldLease> inOrder = new TreeMap<>();

  void add(HeldLease lease) {
    HeldLease before = byKey.put(lease.key(), lease);
    if (before != null) {
      throw new IllegalStateException("lease " + lease.key() + " is held twice by one worker");
    }
    inOrder.put(lease.key(), lease);
  }

  /** Forgets a lease, unless it has been granted anew meanwhile. */
  void remove(HeldLease lease) {
    if (byKey.remove(lease.key(), lease)) {
      inOrder.remove(lease.key());
    }
  }

  @Nullable HeldLease get(LeaseKey key) {
    return byKey.get(key);
  }

  boolean contains(LeaseKey key) {
    return byKey.containsKey(key);
  }

  boolean isEmpty() {
    return byKey.isEmpty();
  }

  int size() {
    return byKey.size();
  }

  /** How many of them count as load. */
  int load() {
    int load = 0;
    for (HeldLease lease : inOrder.values()) {
      load += lease.isLoad() ? 1 : 0;
    }
    return load;
  }

  /** A copy: leases may end while it is walked. */
  Collection<HeldLease> all() {
    return List.copyOf(inOrder.values());
  }

  void parentEnded(LeaseKey parent) {
    ShardId shard = parent.shard();
    for (HeldLease lease : all()) {
      if (lease.key().stream().equals(parent.stream()) && lease.row().parents().contains(shard)) {
        lease.parentEnded(shard);
      }
    }
  }

  double throughputKBps() {
    double sum = 0;
    for (HeldLease lease : inOrder.values()) {
      double measured = lease.throughputKBps();
      sum += measured >= 0 ? measured : 0;
    }
    return sum;
  }
}
