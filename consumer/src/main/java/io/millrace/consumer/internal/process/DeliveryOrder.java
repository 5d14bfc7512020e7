package io.millrace.consumer.internal.process;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which of the opened records may start. Confined to the delivery's lock.
 *
 * <p>Records come in by {@link #add} in their order, leave in {@link Work} by {@link #poll}, and
 * block what must not overtake them until {@link #done}.
 */
sealed interface DeliveryOrder {
  /** Takes a record in, behind all others. */
  void add(DeliveredRecord record);

  /** The next work that may start, or null. */
  @Nullable Work poll();

  /** Every record of a work is acknowledged. */
  void done(Work work);

  /** Whether some record may perhaps start. */
  boolean hasReady();

  /** Whether it could hand out more if it had more: fewer than {@code wanted} records may start. */
  boolean lacks(int wanted);

  /** Forgets everything. */
  void clear();

  /**
   * How much one work takes.
   *
   * @param batch whether one call gets all of it
   * @param maxRecords at most so many records
   * @param maxBytes at most so many bytes, but at least one record
   */
  record Unit(boolean batch, int maxRecords, long maxBytes) {
    /** Whether a record still fits; a corrupt one stands alone. */
    private boolean takes(List<DeliveredRecord> unit, long unitBytes, DeliveredRecord next) {
      if (unit.isEmpty()) {
        return true;
      }
      return unit.size() < maxRecords
          && unitBytes + next.sizeBytes() <= maxBytes
          && !next.isCorrupt()
          && !unit.get(0).isCorrupt();
    }
  }

  /** Strict order of the shard: one work at a time. */
  final class ShardOrder implements DeliveryOrder {
    private final Unit unit;
    private final ArrayDeque<DeliveredRecord> ready = new ArrayDeque<>();
    private boolean outstanding;

    ShardOrder(Unit unit) {
      this.unit = unit;
    }

    @Override
    public void add(DeliveredRecord record) {
      ready.add(record);
    }

    @Override
    public @Nullable Work poll() {
      if (outstanding || ready.isEmpty()) {
        return null;
      }
      outstanding = true;
      return take(unit, ready);
    }

    @Override
    public void done(Work work) {
      outstanding = false;
    }

    @Override
    public boolean hasReady() {
      return !outstanding && !ready.isEmpty();
    }

    @Override
    public boolean lacks(int wanted) {
      return !outstanding && ready.size() < wanted;
    }

    @Override
    public void clear() {
      ready.clear();
    }
  }

  /** No order: whatever is there starts. */
  final class NoOrder implements DeliveryOrder {
    private final Unit unit;
    private final ArrayDeque<DeliveredRecord> ready = new ArrayDeque<>();

    NoOrder(Unit unit) {
      this.unit = unit;
    }

    @Override
    public void add(DeliveredRecord record) {
      ready.add(record);
    }

    @Override
    public @Nullable Work poll() {
      return ready.isEmpty() ? null : take(unit, ready);
    }

    @Override
    public void done(Work work) {}

    @Override
    public boolean hasReady() {
      return !ready.isEmpty();
    }

    @Override
    public boolean lacks(int wanted) {
      return ready.size() < wanted;
    }

    @Override
    public void clear() {
      ready.clear();
    }
  }

  private static Work take(Unit unit, ArrayDeque<DeliveredRecord> ready) {
    List<DeliveredRecord> records = new ArrayList<>(Math.min(unit.maxRecords, ready.size()));
    long bytes = 0;
    DeliveredRecord next = ready.peek();
    while (next != null && unit.takes(records, bytes, next)) {
      records.add(ready.remove());
      bytes += next.sizeBytes();
      next = ready.peek();
    }
    return new Work(records, unit.batch, List.of());
  }

  /**
   * Order per partition key: a key that is in some work, running or waiting for its retry, holds
   * its later records back; all other keys go on.
   */
  final class KeyOrdered implements DeliveryOrder {
    private static final ArrayDeque<DeliveredRecord> NONE_WAITS = new ArrayDeque<>(0);

    private final Unit unit;

    /** Not looked at yet. */
    private final ArrayDeque<DeliveredRecord> ready = new ArrayDeque<>();

    /** Keys that are in some work or in {@code freed}, with the records that wait behind it. */
    private final Map<String, ArrayDeque<DeliveredRecord>> busy = new HashMap<>();

    /** Keys whose first waiting record may start now. */
    private final ArrayDeque<String> freed = new ArrayDeque<>();

    KeyOrdered(Unit unit) {
      this.unit = unit;
    }

    @Override
    public void add(DeliveredRecord record) {
      ready.add(record);
    }

    @Override
    public @Nullable Work poll() {
      List<DeliveredRecord> records = new ArrayList<>(Math.min(unit.maxRecords, 16));
      Set<String> keys = new LinkedHashSet<>();
      long bytes = takeFreed(records, keys);
      DeliveredRecord next = ready.peek();
      while (next != null && records.size() < unit.maxRecords) {
        String key = next.partitionKey();
        ArrayDeque<DeliveredRecord> behind = busy.get(key);
        boolean free = behind == null || (keys.contains(key) && behind.isEmpty());
        if (!free) {
          holdBack(key, ready.remove());
        } else if (unit.takes(records, bytes, next)) {
          records.add(ready.remove());
          bytes += next.sizeBytes();
          keys.add(key);
          busy.putIfAbsent(key, NONE_WAITS);
        } else {
          break;
        }
        next = ready.peek();
      }
      return records.isEmpty() ? null : new Work(records, unit.batch, keys);
    }

    private long takeFreed(List<DeliveredRecord> records, Set<String> keys) {
      long bytes = 0;
      while (records.size() < unit.maxRecords && !freed.isEmpty()) {
        String key = freed.element();
        ArrayDeque<DeliveredRecord> waiting = busy.getOrDefault(key, NONE_WAITS);
        DeliveredRecord next = waiting.peek();
        if (next == null || !unit.takes(records, bytes, next)) {
          break;
        }
        freed.remove();
        keys.add(key);
        while (next != null
            && records.size() < unit.maxRecords
            && unit.takes(records, bytes, next)) {
          records.add(waiting.remove());
          bytes += next.sizeBytes();
          next = waiting.peek();
        }
      }
      return bytes;
    }

    private void holdBack(String key, DeliveredRecord record) {
      ArrayDeque<DeliveredRecord> behind = busy.get(key);
      if (behind == null || behind == NONE_WAITS) {
        behind = new ArrayDeque<>();
        busy.put(key, behind);
      }
      behind.add(record);
    }

    @Override
    public void done(Work work) {
      for (String key : work.keys()) {
        ArrayDeque<DeliveredRecord> behind = busy.get(key);
        if (behind == null || behind.isEmpty()) {
          busy.remove(key);
        } else {
          freed.add(key);
        }
      }
    }

    @Override
    public boolean hasReady() {
      return !ready.isEmpty() || !freed.isEmpty();
    }

    @Override
    public boolean lacks(int wanted) {
      return ready.size() + freed.size() < wanted;
    }

    @Override
    public void clear() {
      ready.clear();
      busy.clear();
      freed.clear();
    }
  }
}
