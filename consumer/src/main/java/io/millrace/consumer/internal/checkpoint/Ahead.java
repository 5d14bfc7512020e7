package io.millrace.consumer.internal.checkpoint;

import io.millrace.model.Position;
import io.millrace.model.SequenceNumber;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * What an earlier owner has acknowledged beyond the checkpoint, as {@link AheadEncoder} wrote it:
 * asked Kinesis record by Kinesis record, in their order, from the checkpoint's own one on. As soon
 * as anything does not fit - another checkpoint, a missing record, a check that fails - it knows
 * nothing any more: records are delivered again rather than skipped.
 *
 * <p>Confined to one thread.
 */
public final class Ahead {
  /** Knows nothing. */
  private static final byte[] NOTHING = new byte[0];

  private static final BitSet NO_MEMBER = new BitSet(0);

  private byte[] bytes;
  private int at;
  private int kind = AheadEncoder.NONE;
  private long left;
  private int check;
  private @Nullable BitSet members;
  private boolean begun;

  private Ahead(byte[] bytes) {
    this.bytes = bytes;
  }

  /** For a checkpoint without anything ahead of it. */
  public static Ahead none() {
    return new Ahead(NOTHING);
  }

  /**
   * Reads what stands in a lease row.
   *
   * @param written the bytes of the row; may be empty, or nonsense
   * @param checkpoint the checkpoint of the row
   */
  public static Ahead of(byte[] written, Position checkpoint) {
    boolean fits =
        written.length > 2
            && (((written[0] & 0xFF) << 8) | (written[1] & 0xFF))
                == AheadEncoder.check(checkpoint.sequenceNumber());
    Ahead ahead = new Ahead(fits ? written : NOTHING);
    ahead.at = 2;
    return ahead;
  }

  /** Whether it knows nothing, or nothing any more. */
  public boolean isEmpty() {
    return bytes.length == 0;
  }

  /** Forgets everything. */
  public void forget() {
    bytes = NOTHING;
    left = 0;
    members = null;
    kind = AheadEncoder.NONE;
  }

  /**
   * The acknowledged members of the checkpoint's own Kinesis record, beyond the checkpoint. Asked
   * first, and once.
   */
  public BitSet inHead(SequenceNumber sequenceNumber) {
    begun = true;
    if (isEmpty()) {
      return NO_MEMBER;
    }
    if (left == 0) {
      readToken();
    }
    if (kind != AheadEncoder.IN_HEAD) {
      return NO_MEMBER;
    }
    BitSet found = members == null ? NO_MEMBER : members;
    left = 0;
    return fits(sequenceNumber) ? found : NO_MEMBER;
  }

  /**
   * The acknowledged members of the next Kinesis record.
   *
   * @param count how many it has; a plain record has 1
   */
  public BitSet next(SequenceNumber sequenceNumber, int count) {
    if (!begun) {
      // The record of the checkpoint is gone: nobody knows any more where counting begins.
      forget();
    }
    if (!isEmpty() && left == 0) {
      readToken();
    }
    if (isEmpty()) {
      return NO_MEMBER;
    }
    left--;
    return switch (kind) {
      case AheadEncoder.ALL -> {
        if (check >= 0 && !fits(sequenceNumber)) {
          yield NO_MEMBER;
        }
        check = -1;
        BitSet all = new BitSet(count);
        all.set(0, count);
        yield all;
      }
      case AheadEncoder.PARTLY -> {
        BitSet found = members == null ? NO_MEMBER : members;
        if (!fits(sequenceNumber) || found.length() > count) {
          forget();
          yield NO_MEMBER;
        }
        yield found;
      }
      case AheadEncoder.NONE -> NO_MEMBER;
      default -> {
        forget();
        yield NO_MEMBER;
      }
    };
  }

  private boolean fits(SequenceNumber sequenceNumber) {
    boolean same = check == AheadEncoder.check(sequenceNumber);
    if (!same) {
      forget();
    }
    return same;
  }

  /** Reads the next token; forgets everything at the end, or if it makes no sense. */
  private void readToken() {
    try {
      if (at >= bytes.length) {
        forget();
        return;
      }
      long head = varint();
      kind = (int) (head & 3);
      long count = head >>> 2;
      members = null;
      check = -1;
      if (kind == AheadEncoder.PARTLY || kind == AheadEncoder.IN_HEAD) {
        members = runs(count);
        left = 1;
      } else {
        left = count;
      }
      if (kind != AheadEncoder.NONE) {
        check = ((bytes[at] & 0xFF) << 8) | (bytes[at + 1] & 0xFF);
        at += 2;
      }
      if (left <= 0) {
        forget();
      }
    } catch (IndexOutOfBoundsException e) {
      forget();
    }
  }

  private BitSet runs(long count) {
    BitSet acknowledged = new BitSet();
    long from = 0;
    for (long i = 0; i < count; i++) {
      long to = from + varint();
      if (to > 1 << 24) {
        throw new IndexOutOfBoundsException("more members than a record can have");
      }
      if (i % 2 == 1) {
        acknowledged.set((int) from, (int) to);
      }
      from = to;
    }
    return acknowledged;
  }

  private long varint() {
    long value = 0;
    for (int shift = 0; shift < 63; shift += 7) {
      byte next = bytes[at++];
      value |= (long) (next & 0x7F) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new IndexOutOfBoundsException("a number without an end");
  }
}
