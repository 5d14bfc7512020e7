package io.millrace.producer.internal.batch;

import io.millrace.producer.internal.aggregate.FlushEpoch;
import io.millrace.producer.internal.aggregate.OutgoingRecord;
import io.millrace.producer.internal.aggregate.Regrouper;
import io.millrace.producer.internal.aggregate.ShardBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All lanes of a stream in the order in which something of them is due, and what of them could
 * leave now. Records leave in linger order across shards.
 *
 * <p>In ordered mode a lane with a record in flight, or whose predecessors have one, is not in the
 * queue at all.
 *
 * <p>Confined to the stream's loop.
 */
public final class Lanes {
  private final boolean ordered;
  private final Map<ShardBuffer, ShardLane> byBuffer = new LinkedHashMap<>();
  private final DueQueue<ShardLane> due = new DueQueue<>();

  /** Closed records of lanes that nothing holds up. */
  private int readyRecords;

  private long readyBytes;
  private FlushEpoch epoch = new FlushEpoch();

  private final Consumer<ShardLane> removed;

  /**
   * Starts without lanes.
   *
   * @param removed is told of each lane that is gone
   */
  public Lanes(boolean ordered, Consumer<ShardLane> removed) {
    this.ordered = ordered;
    this.removed = removed;
  }

  /** All lanes, retired ones that have records in flight too. */
  public Collection<ShardLane> all() {
    return byBuffer.values();
  }

  /** The lane of a buffer; null if it is gone. */
  public @Nullable ShardLane of(ShardBuffer buffer) {
    return byBuffer.get(buffer);
  }

  /** Adds a lane. */
  public void add(ShardLane lane) {
    byBuffer.put(lane.buffer(), lane);
  }

  /** Forgets a lane without records. */
  public void remove(ShardLane lane) {
    uncount(lane);
    due.remove(lane);
    byBuffer.remove(lane.buffer());
    removed.accept(lane);
  }

  /** Puts signalled that the loop should look at a buffer. */
  public void collect(ShardBuffer buffer, long nowNanos) {
    ShardLane lane = byBuffer.get(buffer);
    if (lane != null) {
      lane.collect(nowNanos, this::enter);
      reschedule(lane, nowNanos);
    }
  }

  /** Fetches the open aggregate too. */
  public void collectAll(ShardLane lane, long nowNanos) {
    lane.collectAll(nowNanos, this::enter);
    reschedule(lane, nowNanos);
  }

  /** Takes all waiting records out of a lane that still lets records in. */
  public void drain(ShardLane lane, long nowNanos, Consumer<OutgoingRecord> into) {
    lane.collectAll(nowNanos, this::enter);
    lane.drain(into);
    reschedule(lane, nowNanos);
  }

  /**
   * Takes all waiting records out of a lane and lets nothing in any more. The lane is gone, or goes
   * once nothing of it is in flight.
   */
  public void retire(ShardLane lane, long nowNanos, Consumer<OutgoingRecord> into) {
    lane.retire();
    lane.seal(nowNanos, this::enter);
    lane.drain(into);
    if (lane.inFlight() == 0) {
      remove(lane);
    } else {
      reschedule(lane, nowNanos);
    }
  }

  /** Puts records behind those that wait. */
  public void addLast(ShardLane lane, List<OutgoingRecord> records, long nowNanos) {
    records.forEach(lane::addLast);
    reschedule(lane, nowNanos);
  }

  /** Puts records back before those that wait, in their order. */
  public void addFirst(ShardLane lane, List<OutgoingRecord> records, long nowNanos) {
    for (int i = records.size() - 1; i >= 0; i--) {
      lane.addFirst(records.get(i));
    }
    reschedule(lane, nowNanos);
  }

  /** Ends the lingering of everything that is here now, and starts a new epoch. */
  public FlushEpoch flush(long nowNanos) {
    for (ShardLane lane : all()) {
      hurry(lane, nowNanos);
    }
    FlushEpoch ended = epoch;
    epoch = new FlushEpoch();
    return ended;
  }

  /** Ends the lingering of a lane's records. */
  private void hurry(ShardLane lane, long nowNanos) {
    lane.collectAll(nowNanos, this::enter);
    for (OutgoingRecord record : lane.queued()) {
      record.hurry(nowNanos);
    }
    reschedule(lane, nowNanos);
  }

  /** Memory is short: the lanes that hold most leave early, up to so many bytes. */
  public void hurryFullest(long bytes, long nowNanos) {
    // Sizes are noted first: they change while puts go on, which sorting must not see.
    record Held(ShardLane lane, long bytes) {}
    List<Held> lingering = new ArrayList<>();
    for (ShardLane lane : all()) {
      if (isSendable(lane) && lane.lingeredNanos() - nowNanos > 0) {
        lingering.add(new Held(lane, lane.buffer().heldBytes()));
      }
    }
    lingering.sort(Comparator.comparingLong(Held::bytes).reversed());
    long hurried = 0;
    for (Held held : lingering) {
      if (hurried >= bytes) {
        return;
      }
      hurry(held.lane, nowNanos);
      hurried += held.lane.queuedBytes();
    }
  }

  /** Nanoseconds until something is due; {@link Long#MAX_VALUE} if nothing is. */
  public long nanosUntilDue(long nowNanos) {
    ShardLane first = due.peek();
    return first == null ? Long.MAX_VALUE : Math.max(0, first.dueNanos() - nowNanos);
  }

  /** Whether the closed records that nothing holds up fill a request. */
  public boolean fillRequest(int maxRecords, long maxBytes) {
    return readyRecords >= maxRecords || readyBytes >= maxBytes;
  }

  /**
   * Takes records for one request, in the order in which they are due.
   *
   * @param horizonNanos takes what is due until then
   * @return empty if nothing may leave
   */
  public List<PutRequest.Parcel> take(
      long horizonNanos, int maxRecords, long maxBytes, long nowNanos, Encoding encoding) {
    List<PutRequest.Parcel> taken = new ArrayList<>();
    List<ShardLane> heldUp = new ArrayList<>();
    long bytes = 0;
    while (taken.size() < maxRecords) {
      ShardLane lane = due.peek();
      if (lane == null || lane.dueNanos() - horizonNanos > 0) {
        break;
      }
      if (lane.nanosHeldUp(nowNanos) > 0) {
        due.remove(lane);
        heldUp.add(lane);
        continue;
      }
      OutgoingRecord next = nextOf(lane, nowNanos);
      if (next == null) {
        reschedule(lane, nowNanos);
        continue;
      }
      if (!taken.isEmpty() && bytes + next.sizeBytes() > maxBytes) {
        break;
      }
      lane.poll();
      encoding.encode(next);
      lane.limiter().take(next.sizeBytes(), nowNanos);
      lane.departed();
      bytes += next.sizeBytes();
      taken.add(new PutRequest.Parcel(lane, next));
      reschedule(lane, nowNanos);
    }
    for (ShardLane lane : heldUp) {
      reschedule(lane, nowNanos);
    }
    return taken;
  }

  /** Closes a record's encoding before it leaves. */
  public interface Encoding {
    /** Encodes. */
    void encode(OutgoingRecord record);
  }

  private @Nullable OutgoingRecord nextOf(ShardLane lane, long nowNanos) {
    if (lane.peek() == null && lane.isOpen()) {
      lane.collectAll(nowNanos, this::enter);
    }
    return lane.peek();
  }

  /** A record that was taken has its outcome, or went elsewhere. */
  public void settled(ShardLane lane, long nowNanos) {
    lane.settled();
    if (lane.inFlight() == 0 && lane.isRetired()) {
      for (ShardLane successor : lane.removeSuccessors()) {
        reschedule(successor, nowNanos);
      }
      if (lane.hasNothingToSend()) {
        remove(lane);
        return;
      }
    }
    reschedule(lane, nowNanos);
  }

  /**
   * In ordered mode a lane sends nothing before the one whose hash keys it takes over, and those
   * that this one waits for itself, have nothing in flight.
   */
  public void sendAfter(ShardLane leaving, ShardLane successor, long nowNanos) {
    if (!ordered) {
      return;
    }
    if (leaving.inFlight() > 0) {
      leaving.addSuccessor(successor);
    }
    for (ShardLane earlier : leaving.predecessors()) {
      earlier.addSuccessor(successor);
    }
    reschedule(successor, nowNanos);
  }

  /** The age of the oldest waiting record; -1 if none waits. */
  public long oldestAgeNanos(long nowNanos) {
    long age = -1;
    for (ShardLane lane : all()) {
      OutgoingRecord first = lane.peek();
      if (first != null) {
        age = Math.max(age, nowNanos - first.openedNanos());
      }
      if (lane.isOpen()) {
        age = Math.max(age, nowNanos - lane.openedNanos());
      }
    }
    return age;
  }

  /** The lowest rate factor of all lanes. */
  public double lowestRateFactor(long nowNanos) {
    double lowest = 1;
    for (ShardLane lane : all()) {
      lowest = Math.min(lowest, lane.limiter().factor(nowNanos));
    }
    return lowest;
  }

  /** Whether no lane has anything, as of the last look into the buffers. */
  public boolean isEmpty() {
    for (ShardLane lane : all()) {
      if (!lane.hasNothingToSend() || lane.inFlight() > 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * Removes expired records, but in ordered mode not before older ones have their outcome; closes
   * aggregates that have been open too long for one deadline to suit all members, because something
   * holds their lane up.
   */
  public void expire(long nowNanos, Consumer<OutgoingRecord> into) {
    for (ShardLane lane : List.copyOf(all())) {
      if (lane.isOpen()) {
        long limit =
            Math.max(
                lane.buffer().packing().lingerNanos(),
                lane.buffer().packing().deliveryNanos() / Regrouper.AGE_FRACTION);
        if (lane.openedNanos() + limit - nowNanos <= 0) {
          lane.collectAll(nowNanos, this::enter);
        }
      }
      if (!isWaitingForOutcome(lane)) {
        lane.removeExpired(nowNanos, into);
      }
      reschedule(lane, nowNanos);
    }
  }

  /** Something changed that decides when a lane is due. */
  public void reschedule(ShardLane lane, long nowNanos) {
    uncount(lane);
    if (!isSendable(lane)) {
      due.remove(lane);
      return;
    }
    long heldUp = lane.nanosHeldUp(nowNanos);
    if (heldUp == 0) {
      count(lane);
    }
    long lingered = lane.lingeredNanos();
    long free = nowNanos + heldUp;
    due.put(lane, lingered - free > 0 ? lingered : free);
  }

  /** Where the service chooses the shard there is no order to keep. */
  private boolean isOrdered(ShardLane lane) {
    return ordered && lane.kind() != ShardLane.Kind.MANAGED;
  }

  private boolean isSendable(ShardLane lane) {
    return lane.kind() != ShardLane.Kind.WAITING
        && !lane.hasNothingToSend()
        && !lane.isRetired()
        && !isWaitingForOutcome(lane);
  }

  /**
   * Whether an ordered lane must neither send nor give up anything before an older record has its
   * outcome.
   */
  private boolean isWaitingForOutcome(ShardLane lane) {
    return isOrdered(lane) && (lane.inFlight() > 0 || lane.isBlocked());
  }

  private void count(ShardLane lane) {
    lane.countedRecords = lane.queuedRecords();
    lane.countedBytes = lane.queuedBytes();
    readyRecords += lane.countedRecords;
    readyBytes += lane.countedBytes;
  }

  private void uncount(ShardLane lane) {
    readyRecords -= lane.countedRecords;
    readyBytes -= lane.countedBytes;
    lane.countedRecords = 0;
    lane.countedBytes = 0;
  }

  private void enter(OutgoingRecord record) {
    record.enter(epoch);
  }
}
