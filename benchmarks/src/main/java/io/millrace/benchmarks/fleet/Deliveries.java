package io.millrace.benchmarks.fleet;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/** Every record that was stored, and every time that user code was given one. Thread-safe. */
final class Deliveries {
  /**
   * User code was given a record.
   *
   * @param id the record's number
   */
  record Delivery(String worker, String shard, int id, long atMicros) {}

  /**
   * A shard's next owner went on where another one had stopped.
   *
   * @param lastMicros the last delivery of the one before
   * @param firstMicros the first delivery of the next
   */
  record Handover(String shard, String from, String to, long lastMicros, long firstMicros) {
    double gapSeconds() {
      return (firstMicros - lastMicros) / 1e6;
    }
  }

  private final List<Delivery> all = new ArrayList<>();
  private final Map<String, Long> firstOfWorker = new HashMap<>();
  private final Map<String, Long> firstOfShard = new HashMap<>();
  private final BitSet stored = new BitSet();
  private final BitSet delivered = new BitSet();
  private long again;

  synchronized void stored(int id) {
    stored.set(id);
  }

  synchronized void delivered(Delivery delivery) {
    all.add(delivery);
    firstOfWorker.merge(delivery.worker(), delivery.atMicros(), Math::min);
    firstOfShard.merge(delivery.shard(), delivery.atMicros(), Math::min);
    if (delivered.get(delivery.id())) {
      again++;
    }
    delivered.set(delivery.id());
  }

  synchronized OptionalLong firstOfWorker(String worker) {
    Long first = firstOfWorker.get(worker);
    return first == null ? OptionalLong.empty() : OptionalLong.of(first);
  }

  synchronized OptionalLong firstOfShard(String shard) {
    Long first = firstOfShard.get(shard);
    return first == null ? OptionalLong.empty() : OptionalLong.of(first);
  }

  synchronized int shardCount() {
    return firstOfShard.size();
  }

  /** How often a record was delivered that had been before. */
  synchronized long duplicates() {
    return again;
  }

  /** How many stored records nobody was given. */
  synchronized int missing() {
    BitSet missing = (BitSet) stored.clone();
    missing.andNot(delivered);
    return missing.cardinality();
  }

  /** Who delivered which shard last, as of deliveries since {@code sinceMicros}. */
  synchronized Map<String, String> owners(long sinceMicros) {
    Map<String, String> owners = new HashMap<>();
    for (int i = all.size() - 1; i >= 0 && all.get(i).atMicros() >= sinceMicros; i--) {
      owners.putIfAbsent(all.get(i).shard(), all.get(i).worker());
    }
    return owners;
  }

  /** All changes of owner whose new owner began after {@code sinceMicros}, in the order of time. */
  synchronized List<Handover> handovers(long sinceMicros) {
    Map<String, Delivery> lastOfShard = new HashMap<>();
    List<Delivery> inOrder = new ArrayList<>();
    for (Delivery delivery : all) {
      if (delivery.atMicros() >= sinceMicros) {
        inOrder.add(delivery);
      } else {
        lastOfShard.merge(
            delivery.shard(), delivery, (a, b) -> b.atMicros() >= a.atMicros() ? b : a);
      }
    }
    inOrder.sort(Comparator.comparingLong(Delivery::atMicros));
    List<Handover> handovers = new ArrayList<>();
    for (Delivery now : inOrder) {
      Delivery last = lastOfShard.put(now.shard(), now);
      if (last != null && !last.worker().equals(now.worker())) {
        handovers.add(
            new Handover(
                now.shard(), last.worker(), now.worker(), last.atMicros(), now.atMicros()));
      }
    }
    return handovers;
  }

  /** The workers that delivered anything since then. */
  synchronized Set<String> workers(long sinceMicros) {
    return new HashSet<>(owners(sinceMicros).values());
  }
}
