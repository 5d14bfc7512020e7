package io.millrace.samples.ledger;

import io.millrace.samples.ledger.Ledger.Delivery;
import io.millrace.samples.ledger.Ledger.Ownership;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What came of all events.
 *
 * @param put events that the producer said are stored
 * @param failed events that it said are not
 * @param delivered events that a handler ran for, each counted once
 * @param lost events that are stored and that no handler ran for
 * @param repeats each delivery of an event that had been delivered before
 * @param orderViolations deliveries out of the order of their key: see {@link KeyOrder}
 * @param keys distinct keys delivered
 * @param putToResult how long each put waited for its result
 * @param clickToHandler how long after its click each event was first delivered
 * @param deliveries all deliveries in the order of time
 */
public record Reconciliation(
    int put,
    int failed,
    int delivered,
    int lost,
    List<Repeat> repeats,
    int orderViolations,
    int keys,
    Latencies putToResult,
    Latencies clickToHandler,
    List<Delivery> deliveries) {

  public boolean good() {
    return lost == 0 && orderViolations == 0 && failed == 0 && delivered > 0;
  }

  /**
   * The longest time that a shard stood still when a worker went away: from the last delivery by
   * this worker to the first one by the shard's next owner.
   *
   * @param leftMicros when the worker went; shards that it had given away before don't count
   * @return empty if no shard of the worker was taken over
   */
  public OptionalLong gapMicros(String worker, long leftMicros) {
    Map<String, Delivery> lastOfShard = new HashMap<>();
    OptionalLong longest = OptionalLong.empty();
    for (Delivery delivery : deliveries) {
      Delivery before = lastOfShard.put(delivery.ownership().shard(), delivery);
      if (before != null
          && before.ownership().worker().equals(worker)
          && !delivery.ownership().equals(before.ownership())
          && delivery.atMicros() > leftMicros) {
        long gap = delivery.atMicros() - before.atMicros();
        longest = OptionalLong.of(Math.max(gap, longest.orElse(0)));
      }
    }
    return longest;
  }

  /**
   * How many repeats there are of what each worker had delivered last: what it had not checkpointed
   * when it went. The shard's next owner may hand it over in the midst of the replay, and the one
   * after it goes on with it.
   */
  public SortedMap<String, Long> repeatsByWorkerBefore() {
    return repeats.stream()
        .collect(
            Collectors.groupingBy(
                repeat -> repeat.before().worker(), TreeMap::new, Collectors.counting()));
  }

  /**
   * A delivery of an event that had been delivered before.
   *
   * @param delivery the repeated one
   * @param before who had delivered the event, the last time
   */
  public record Repeat(Delivery delivery, Ownership before) {}

  /**
   * The rule for order. The events of a key have the order in which they were put. Within one
   * ownership each delivery of a key must be of the event that follows the one before it. An
   * ownership may begin with events that were delivered before (the replay since the last
   * checkpoint), but not behind one that nobody has delivered yet. Two exceptions: an event that
   * the producer reported as failed may be absent, and one that it reported as possibly stored
   * twice may come again.
   */
  public static final class KeyOrder {
    private final int[] userOf;
    private final int[] rank;
    private final BitSet skippable = new BitSet();
    private final BitSet repeatable;
    private final Map<Integer, Integer> furthest = new LinkedHashMap<>();
    private final Map<Place, Integer> last = new HashMap<>();
    private final Map<Integer, int[]> eventsOf = new HashMap<>();
    private int violations;

    private record Place(int user, Ownership ownership) {}

    KeyOrder(int[] userOf, BitSet failed, BitSet possiblyDuplicated) {
      this.userOf = userOf;
      this.rank = new int[userOf.length];
      this.repeatable = possiblyDuplicated;
      this.skippable.or(failed);
      Map<Integer, Integer> counts = new HashMap<>();
      for (int event = 0; event < userOf.length; event++) {
        rank[event] = counts.merge(userOf[event], 1, Integer::sum) - 1;
      }
      counts.forEach((user, count) -> eventsOf.put(user, new int[count]));
      for (int event = 0; event < userOf.length; event++) {
        events(userOf[event])[rank[event]] = event;
      }
    }

    void add(Delivery delivery) {
      int user = userOf[delivery.event()];
      int now = rank[delivery.event()];
      Place place = new Place(user, delivery.ownership());
      Integer before = last.put(place, now);
      int reached = furthest.getOrDefault(user, -1);
      boolean inOrder =
          before == null
              ? follows(user, reached, now)
              : (now > before && follows(user, before, now))
                  || (now <= before && repeatable.get(delivery.event()));
      if (!inOrder) {
        violations++;
      }
      furthest.put(user, Math.max(reached, now));
    }

    int violations() {
      return violations;
    }

    int keyCount() {
      return furthest.size();
    }

    /** Whether no event that must come lies between the two. */
    private boolean follows(int user, int from, int to) {
      int[] events = events(user);
      for (int between = from + 1; between < to; between++) {
        if (!skippable.get(events[between])) {
          return false;
        }
      }
      return true;
    }

    private int[] events(int user) {
      int[] events = eventsOf.get(user);
      if (events == null) {
        throw new IllegalStateException("no events of user " + user);
      }
      return events;
    }
  }
}
