package io.millrace.producer.internal.batch;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Items in the order of the time at which they are due: a binary heap whose items know their place,
 * so that one can be moved without searching. Times may wrap.
 *
 * <p>Confined to the stream's loop.
 */
public final class DueQueue<T extends DueQueue.Item> {
  private static final int NOT_IN_HEAP = -1;

  private @Nullable Object[] heap = new @Nullable Object[16];
  private int size;

  /** What can be due. An item is in at most one queue. */
  public abstract static class Item {
    private int heapIndex = NOT_IN_HEAP;
    private long dueNanos;

    /** When it is due, if it is in a queue. */
    public final long dueNanos() {
      return dueNanos;
    }

    /** Whether it is in a queue. */
    public final boolean isQueued() {
      return heapIndex != NOT_IN_HEAP;
    }
  }

  /** Whether nothing is due ever. */
  public boolean isEmpty() {
    return size == 0;
  }

  /** The number of items. */
  public int size() {
    return size;
  }

  /** The item due first, or null. */
  @SuppressWarnings("unchecked")
  public @Nullable T peek() {
    return (T) heap[0];
  }

  /** Adds an item, or moves it. */
  public void put(T item, long dueNanos) {
    Item moved = item;
    if (moved.heapIndex == NOT_IN_HEAP) {
      if (size == heap.length) {
        heap = Arrays.copyOf(heap, 2 * size);
      }
      moved.dueNanos = dueNanos;
      place(moved, size++);
      up(moved.heapIndex);
      return;
    }
    boolean earlier = dueNanos - moved.dueNanos < 0;
    moved.dueNanos = dueNanos;
    if (earlier) {
      up(moved.heapIndex);
    } else {
      down(moved.heapIndex);
    }
  }

  /** Removes an item, if it is there. */
  public void remove(T item) {
    Item removed = item;
    int index = removed.heapIndex;
    if (index == NOT_IN_HEAP) {
      return;
    }
    removed.heapIndex = NOT_IN_HEAP;
    size--;
    Item last = at(size);
    heap[size] = null;
    if (last != removed) {
      place(last, index);
      up(index);
      down(last.heapIndex);
    }
  }

  private void up(int from) {
    int index = from;
    while (index > 0) {
      int parent = (index - 1) / 2;
      if (!before(index, parent)) {
        return;
      }
      swap(index, parent);
      index = parent;
    }
  }

  private void down(int from) {
    int index = from;
    while (true) {
      int child = 2 * index + 1;
      if (child >= size) {
        return;
      }
      if (child + 1 < size && before(child + 1, child)) {
        child++;
      }
      if (!before(child, index)) {
        return;
      }
      swap(index, child);
      index = child;
    }
  }

  private boolean before(int a, int b) {
    return at(a).dueNanos - at(b).dueNanos < 0;
  }

  private void swap(int a, int b) {
    Item itemA = at(a);
    place(at(b), a);
    place(itemA, b);
  }

  private void place(Item item, int index) {
    heap[index] = item;
    item.heapIndex = index;
  }

  private Item at(int index) {
    return (Item) Objects.requireNonNull(heap[index]);
  }
}
