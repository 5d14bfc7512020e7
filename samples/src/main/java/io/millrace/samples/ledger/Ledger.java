package io.millrace.samples.ledger;

import io.millrace.samples.ledger.Reconciliation.KeyOrder;
import io.millrace.samples.ledger.Reconciliation.Repeat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Keeps account of every event: when it was put, what the producer said, and each time that a
 * handler ran for it. It lives in the parent process, so killing a worker takes nothing from it.
 * Thread-safe.
 */
public final class Ledger {
  /** One period in which one worker owned one shard. */
  public record Ownership(String worker, String shard, String fencingToken) {}

  /** One run of a handler for one event. */
  public record Delivery(int event, Ownership ownership, long atMicros) {}

  private final int[] userOf;
  private final long[] clickedMicros;
  private final long[] putNanos;
  private final BitSet acknowledged = new BitSet();
  private final BitSet possiblyDuplicated = new BitSet();
  private final BitSet failed = new BitSet();
  private final BitSet delivered = new BitSet();
  private final List<Delivery> deliveries = new ArrayList<>();
  private int expected;
  private int failures;

  public Ledger(int records) {
    userOf = new int[records];
    clickedMicros = new long[records];
    putNanos = new long[records];
  }

  /** An event is about to be put. */
  public synchronized int expect(int user, long atMicros) {
    userOf[expected] = user;
    clickedMicros[expected] = atMicros;
    return expected++;
  }

  /** The producer said that an event is stored. */
  public synchronized void acknowledge(int event, long tookNanos, boolean possibleDuplicate) {
    acknowledged.set(event);
    putNanos[event] = tookNanos;
    possiblyDuplicated.set(event, possibleDuplicate);
  }

  /** The producer said that an event could not be stored. */
  public synchronized void fail(int event) {
    failed.set(event);
    failures++;
  }

  /** A handler ran for an event. */
  public synchronized void deliver(int event, Ownership ownership, long atMicros) {
    delivered.set(event);
    deliveries.add(new Delivery(event, ownership, atMicros));
  }

  public synchronized int acknowledgedCount() {
    return acknowledged.cardinality();
  }

  public synchronized int settledCount() {
    return acknowledged.cardinality() + failures;
  }

  public synchronized int deliveredCount() {
    return delivered.cardinality();
  }

  /** Stored events that no handler has seen yet. */
  public synchronized int missingCount() {
    BitSet missing = (BitSet) acknowledged.clone();
    missing.andNot(delivered);
    return missing.cardinality();
  }

  /** What came of it all. */
  public synchronized Reconciliation reconcile() {
    // The workers run on this machine and share its clock, and a shard changes hands through the
    // lease table: no handler of the next owner can run before the last one of the owner before.
    List<Delivery> inOrder = new ArrayList<>(deliveries);
    inOrder.sort(Comparator.comparingLong(Delivery::atMicros));
    KeyOrder order = new KeyOrder(Arrays.copyOf(userOf, expected), failed, possiblyDuplicated);
    Map<Integer, Ownership> lastOf = new HashMap<>();
    List<Repeat> repeats = new ArrayList<>();
    List<Long> endToEndMicros = new ArrayList<>();
    for (Delivery delivery : inOrder) {
      order.add(delivery);
      Ownership before = lastOf.put(delivery.event(), delivery.ownership());
      if (before != null) {
        repeats.add(new Repeat(delivery, before));
      } else {
        endToEndMicros.add(delivery.atMicros() - clickedMicros[delivery.event()]);
      }
    }
    return new Reconciliation(
        acknowledged.cardinality(),
        failures,
        lastOf.size(),
        missingCount(),
        repeats,
        order.violations(),
        order.keyCount(),
        new Latencies(acknowledged.stream().mapToLong(event -> putNanos[event] / 1_000)),
        new Latencies(endToEndMicros.stream().mapToLong(Long::longValue)),
        inOrder);
  }
}
