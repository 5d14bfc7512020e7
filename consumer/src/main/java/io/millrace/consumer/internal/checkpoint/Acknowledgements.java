package io.millrace.consumer.internal.checkpoint;

import io.millrace.model.Position;
import io.millrace.model.SequenceNumber;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which user records of a shard are acknowledged, and the <em>watermark</em>: the highest position
 * up to which all of them are.
 *
 * <p>Kinesis records enter in their order, each with the number of its user records; user records
 * are acknowledged in any order, once each. The watermark only moves forward, within aggregates
 * too. A Kinesis record gives its bytes back when all its user records are acknowledged, wherever
 * the watermark stands.
 *
 * <p>Confined to the lock of its owner.
 */
public final class Acknowledgements {
  private final ArrayDeque<Entry> open = new ArrayDeque<>();
  private @Nullable Position watermark;
  private @Nullable Instant watermarkArrival;
  private long acknowledgedRecords;
  private long unacknowledgedRecords;
  private long releasedBytes;
  private long spanRecords;

  /** Takes a Kinesis record in; it must come after all that came before. */
  public void add(Entry entry) {
    open.add(entry);
    spanRecords += entry.members;
    unacknowledgedRecords += entry.members - entry.acknowledged;
    if (entry.isComplete()) {
      releasedBytes += entry.chargedBytes;
      advance();
    }
  }

  /**
   * Acknowledges a user record.
   *
   * @return whether it was the last one of its Kinesis record
   * @throws IllegalStateException if it is acknowledged already, or there is none: a defect of the
   *     caller
   */
  public boolean acknowledge(Entry entry, long subSequenceNumber) {
    entry.acknowledge(subSequenceNumber);
    acknowledgedRecords++;
    unacknowledgedRecords--;
    boolean complete = entry.isComplete();
    if (complete) {
      releasedBytes += entry.chargedBytes;
    }
    if (open.peek() == entry) {
      advance();
    }
    return complete;
  }

  private void advance() {
    Entry head = open.peek();
    while (head != null && head.isComplete()) {
      watermark = new Position(head.sequenceNumber, Math.max(0, head.members - 1));
      watermarkArrival = head.arrival;
      open.remove();
      spanRecords -= head.members;
      head = open.peek();
    }
  }

  /**
   * The highest position up to which everything that came in is acknowledged; empty if nothing is.
   */
  public Optional<Position> watermark() {
    Entry head = open.peek();
    if (head != null && head.prefix > 0) {
      return Optional.of(new Position(head.sequenceNumber, head.prefix - 1));
    }
    return Optional.ofNullable(watermark);
  }

  /**
   * What is acknowledged beyond the watermark, for {@link Ahead} to read.
   *
   * @param maxBytes how long it may become; what does not fit is left out
   * @return empty if there is nothing, or no watermark
   */
  public byte[] ahead(int maxBytes) {
    Position mark = watermark().orElse(null);
    if (mark == null) {
      return new byte[0];
    }
    AheadEncoder encoder = new AheadEncoder(maxBytes, mark.sequenceNumber());
    for (Entry entry : open) {
      boolean head = entry.sequenceNumber.equals(mark.sequenceNumber());
      BitSet members = entry.acknowledgedMembers(head);
      if (entry.isComplete()) {
        encoder.all(entry.sequenceNumber);
      } else if (!members.isEmpty()) {
        encoder.partly(entry.sequenceNumber, members, head);
      } else if (!head) {
        encoder.none();
      }
      if (encoder.isFull()) {
        break;
      }
    }
    return encoder.finish();
  }

  /** The arrival time of the record at the watermark. */
  public Optional<Instant> watermarkArrival() {
    Entry head = open.peek();
    return head != null && head.prefix > 0
        ? Optional.of(head.arrival)
        : Optional.ofNullable(watermarkArrival);
  }

  /** The arrival time of the oldest Kinesis record that is not wholly acknowledged. */
  public Optional<Instant> oldestArrival() {
    Entry head = open.peek();
    return head == null ? Optional.empty() : Optional.of(head.arrival);
  }

  /** How many user records were acknowledged; only grows. */
  public long acknowledgedRecords() {
    return acknowledgedRecords;
  }

  /** How many user records came in and are not acknowledged. */
  public long unacknowledgedRecords() {
    return unacknowledgedRecords;
  }

  /**
   * How many user records lie in the Kinesis records behind the watermark, acknowledged or not:
   * what the tracking costs.
   */
  public long spanRecords() {
    return spanRecords;
  }

  /** The bytes of Kinesis records that were wholly acknowledged; only grows. */
  public long releasedBytes() {
    return releasedBytes;
  }

  /** One Kinesis record. Confined to the same lock once it was added. */
  public static final class Entry {
    private final SequenceNumber sequenceNumber;
    private final int members;
    private final long chargedBytes;
    private final Instant arrival;

    /** How many are acknowledged, and how many of them without a gap from the first one. */
    private int acknowledged;

    private int prefix;

    /** The acknowledged ones beyond the prefix, by index; made when the first one appears. */
    private @Nullable BitSet ahead;

    /**
     * Creates the entry of a Kinesis record.
     *
     * @param sequenceNumber its number
     * @param members how many user records it has; 0 or more
     * @param firstMember the sub-sequence number of its first user record that is to be delivered:
     *     those before it count as acknowledged. {@code members} if none is
     * @param chargedBytes what it gives back when it is acknowledged
     * @param arrival about when it arrived
     */
    public Entry(
        SequenceNumber sequenceNumber,
        int members,
        int firstMember,
        long chargedBytes,
        Instant arrival) {
      this.sequenceNumber = sequenceNumber;
      this.members = members;
      this.acknowledged = firstMember;
      this.prefix = firstMember;
      this.chargedBytes = chargedBytes;
      this.arrival = arrival;
    }

    /** The number of the Kinesis record. */
    public SequenceNumber sequenceNumber() {
      return sequenceNumber;
    }

    /** About when it arrived. */
    public Instant arrival() {
      return arrival;
    }

    /** Which are acknowledged; of the head's, only those beyond the watermark. */
    private BitSet acknowledgedMembers(boolean head) {
      BitSet members = ahead == null ? new BitSet(0) : (BitSet) ahead.clone();
      if (head) {
        members.clear(0, prefix);
      } else {
        members.set(0, prefix);
      }
      return members;
    }

    private boolean isComplete() {
      return acknowledged == members;
    }

    private void acknowledge(long subSequenceNumber) {
      int index = (int) subSequenceNumber;
      if (index < prefix || index >= members || (ahead != null && ahead.get(index))) {
        throw new IllegalStateException(
            "user record "
                + subSequenceNumber
                + " of "
                + members
                + " in "
                + sequenceNumber
                + " was acknowledged already or does not exist: this is a defect");
      }
      acknowledged++;
      if (index > prefix) {
        if (ahead == null) {
          ahead = new BitSet(members);
        }
        ahead.set(index);
      } else {
        prefix = ahead == null ? index + 1 : ahead.nextClearBit(index + 1);
      }
    }
  }
}
