package io.millrace.producer.internal.aggregate;

import io.millrace.aggregation.AggregateEncoder.AddResult;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Where puts meet the loop: the open aggregate of one predicted shard, and the closed ones that the
 * loop has not fetched yet. A put writes straight into the open aggregate; only closed ones cross
 * threads.
 *
 * <p>Thread-safe. One lock per buffer guards the open aggregate, the closed records and the unused
 * charge. Under it happens nothing but copying one record: no I/O, no waiting, no user code, no
 * other lock.
 */
public final class ShardBuffer {
  /** A shard may always use this much, so that every shard makes progress. */
  private static final long MIN_SHARE_BYTES = 2 * 1024;

  /** Charges are taken in steps, so that most puts touch no shared counter. */
  private static final int CHARGE_STEP_BYTES = 2 * 1024;

  /** What became of an attempt to append a record. */
  public enum Appended {
    /** It is in. */
    DONE,
    /** The byte budget is used up. */
    NO_ROOM,
    /** This shard's share of the budget is used up. */
    SHARD_FULL,
    /** The buffer takes no records any more: look for the one that replaced it. */
    SEALED
  }

  /** Is told that the loop should look at a buffer. */
  public interface Listener {
    /** Called outside the buffer's lock, at most once until the loop has looked. */
    void ready(ShardBuffer buffer);
  }

  private final Packing packing;
  private final Memory memory;
  private final AggregatePool pool;
  private final Listener listener;
  private final AtomicLong heldBytes = new AtomicLong();

  /** Made once: an object per put would be one too many. */
  private final IntPredicate charge = this::charge;

  private @Nullable OpenAggregate open;
  private boolean openStamped;
  private long openedNanos;
  private final Deque<OutgoingRecord> closed = new ArrayDeque<>();

  /** The part of {@link #heldBytes} that no record uses yet. */
  private long credit;

  private Appended refusal = Appended.NO_ROOM;
  private boolean changed;
  private boolean signalled;
  private boolean sealed;
  private long appendedCount;
  private long appendedBytes;

  /** Opens a buffer; costs nothing until a record comes. */
  public ShardBuffer(Packing packing, Memory memory, AggregatePool pool, Listener listener) {
    this.packing = packing;
    this.memory = memory;
    this.pool = pool;
    this.listener = listener;
  }

  /**
   * Puts a record in if there is room; never waits.
   *
   * @param granted bytes that were taken from the budget for this call before; they belong to this
   *     buffer if the result is {@link Appended#DONE}, else to the caller still
   */
  public Appended append(IncomingRecord record, long granted) {
    Appended result;
    boolean signal;
    synchronized (this) {
      if (sealed) {
        return Appended.SEALED;
      }
      hold(granted);
      result =
          packing.aggregating() && record.partitionKey() != null
              ? appendToOpen(record)
              : appendAlone(record);
      if (result == Appended.DONE) {
        appendedCount++;
        appendedBytes += record.data().remaining();
        if (granted != 0) {
          memory.adopt(granted);
        }
      } else {
        hold(-granted);
        if (open == null) {
          // Nothing would make the loop look here again.
          releaseCredit();
        }
      }
      signal = changed && !signalled;
      signalled |= changed;
      changed = false;
    }
    if (signal) {
      listener.ready(this);
    }
    return result;
  }

  private void hold(long granted) {
    if (granted != 0) {
      credit += granted;
      heldBytes.addAndGet(granted);
    }
  }

  private Appended appendToOpen(IncomingRecord record) {
    while (true) {
      OpenAggregate aggregate = open;
      boolean fresh = aggregate == null;
      int cost = record.overheadBytes() + (fresh ? IncomingRecord.OPEN_AGGREGATE_BYTES : 0);
      if (!charge(cost)) {
        return refusal;
      }
      if (aggregate == null) {
        aggregate = pool.take();
      }
      AddResult added = aggregate.tryAdd(record, charge);
      if (added == AddResult.ADDED) {
        if (fresh) {
          open = aggregate;
          openStamped = false;
          changed = true;
        }
        if (aggregate.memberCount() >= packing.maxRecords()) {
          closeOpen();
        }
        return Appended.DONE;
      }
      credit += cost;
      if (fresh) {
        pool.give(aggregate);
        return added == AddResult.NO_MEMORY ? refusal : appendOversized(record);
      }
      if (added == AddResult.NO_MEMORY) {
        return refusal;
      }
      closeOpen();
    }
  }

  /** The record is larger than an aggregate may be: it goes alone, framed only if it must be. */
  private Appended appendOversized(IncomingRecord record) {
    if (!record.needsFrame()) {
      return appendAlone(record);
    }
    int cost = record.overheadBytes() + IncomingRecord.OPEN_AGGREGATE_BYTES;
    if (!charge(cost)) {
      return refusal;
    }
    OpenAggregate own = pool.takeForOversized();
    if (own.tryAdd(record, charge) != AddResult.ADDED) {
      credit += cost;
      return refusal;
    }
    closeOpen();
    addClosed(new OutgoingRecord(this, own));
    return Appended.DONE;
  }

  private Appended appendAlone(IncomingRecord record) {
    int bytes = record.data().remaining();
    if (!charge(IncomingRecord.ALONE_BYTES + record.overheadBytes() + bytes)) {
      return refusal;
    }
    byte[] copy = new byte[bytes];
    record.data().get(record.data().position(), copy);
    closeOpen();
    addClosed(new OutgoingRecord(this, record, copy));
    return Appended.DONE;
  }

  private void closeOpen() {
    OpenAggregate aggregate = open;
    if (aggregate != null) {
      open = null;
      OutgoingRecord record = new OutgoingRecord(this, aggregate);
      if (openStamped) {
        record.stamp(openedNanos, packing.lingerNanos(), packing.deliveryNanos());
      }
      addClosed(record);
    }
  }

  private void addClosed(OutgoingRecord record) {
    closed.add(record);
    changed = true;
  }

  /** Pays from the credit, else from the budget as far as this shard's share allows. */
  private boolean charge(int bytes) {
    if (bytes <= credit) {
      credit -= bytes;
      return true;
    }
    long missing = bytes - credit;
    long held = heldBytes.get();
    long free = memory.freeBytes();
    if (held > 0 && held + missing > Math.max(MIN_SHARE_BYTES, free)) {
      refusal = Appended.SHARD_FULL;
      return false;
    }
    long taken = Math.max(missing, CHARGE_STEP_BYTES);
    if (!memory.take(taken)) {
      taken = missing;
      if (!memory.take(taken)) {
        refusal = Appended.NO_ROOM;
        return false;
      }
    }
    heldBytes.addAndGet(taken);
    credit += taken - bytes;
    return true;
  }

  /** How user records are packed here. */
  public Packing packing() {
    return packing;
  }

  /**
   * Gives the closed records to the loop, in order, and notes the time at which the loop first saw
   * the open aggregate.
   *
   * @param into called under the lock: must only keep the record
   * @return whether an aggregate is open
   */
  public synchronized boolean collect(long nowNanos, Consumer<OutgoingRecord> into) {
    signalled = false;
    for (OutgoingRecord record = closed.poll(); record != null; record = closed.poll()) {
      record.stamp(nowNanos, packing.lingerNanos(), packing.deliveryNanos());
      into.accept(record);
    }
    if (open != null) {
      if (!openStamped) {
        openStamped = true;
        openedNanos = nowNanos;
      }
      return true;
    }
    releaseCredit();
    return false;
  }

  private void releaseCredit() {
    if (credit > 0) {
      memory.release(credit);
      heldBytes.addAndGet(-credit);
      credit = 0;
    }
  }

  /** As {@link #collect}, and closes the open aggregate first. */
  public synchronized void collectAll(long nowNanos, Consumer<OutgoingRecord> into) {
    closeOpen();
    changed = false;
    boolean stillOpen = collect(nowNanos, into);
    assert !stillOpen;
  }

  /** As {@link #collectAll}; later puts are turned away. */
  public synchronized void seal(long nowNanos, Consumer<OutgoingRecord> into) {
    sealed = true;
    collectAll(nowNanos, into);
  }

  /** When the loop first saw the open aggregate; meaningful after {@link #collect} said so. */
  public synchronized long openedNanos() {
    return openedNanos;
  }

  /** The size of the open aggregate, 0 if none is open. */
  public synchronized long openBytes() {
    return open == null ? 0 : open.sizeBytes();
  }

  /** What this shard has of the budget. */
  public long heldBytes() {
    return heldBytes.get();
  }

  /** Whether so many bytes more are within this shard's share. */
  public boolean mayHold(long bytes) {
    long held = heldBytes.get();
    return held <= 0 || held + bytes <= Math.max(MIN_SHARE_BYTES, memory.freeBytes());
  }

  /** User records appended so far. */
  public synchronized long appendedCount() {
    return appendedCount;
  }

  /** Payload bytes appended so far. */
  public synchronized long appendedBytes() {
    return appendedBytes;
  }

  /** Gives back what a record was charged and no longer uses; negative if it uses more. */
  void settleCharge(long bytes) {
    heldBytes.addAndGet(-bytes);
    if (bytes >= 0) {
      memory.release(bytes);
    } else {
      memory.takeRegardless(-bytes);
    }
  }
}
