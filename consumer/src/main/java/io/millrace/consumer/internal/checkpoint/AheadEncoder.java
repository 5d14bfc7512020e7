package io.millrace.consumer.internal.checkpoint;

import io.millrace.model.SequenceNumber;
import java.io.ByteArrayOutputStream;
import java.util.BitSet;

/**
 * Writes which user records beyond a checkpoint are acknowledged, in as many bytes as there are:
 * what does not fit counts as not acknowledged, and is delivered again.
 *
 * <pre>
 * bytes  = check of the checkpoint (2), then tokens
 * token  = varint(count * 4 + kind), then
 *   NONE     count Kinesis records of which nothing is acknowledged
 *   ALL      count Kinesis records that are wholly acknowledged; check of the first one (2)
 *   PARTLY   one Kinesis record; count run lengths of its members as varints, not acknowledged
 *            first, alternating; check of the record (2)
 *   IN_HEAD  the same for the Kinesis record of the checkpoint itself; only as the first token
 * check  = 16 bits of a hash of the sequence number
 * </pre>
 *
 * <p>Reading a shard again brings the same Kinesis records in the same order, so counting finds
 * them; the checks make sure. Confined to one thread.
 */
final class AheadEncoder {
  static final int NONE = 0;
  static final int ALL = 1;
  static final int PARTLY = 2;
  static final int IN_HEAD = 3;

  private final int maxBytes;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private int runKind = NONE;
  private int runLength;
  private int runCheck;
  private boolean full;
  private boolean anyAcknowledged;

  AheadEncoder(int maxBytes, SequenceNumber checkpoint) {
    this.maxBytes = maxBytes;
    putCheck(out, check(checkpoint));
  }

  boolean isFull() {
    return full;
  }

  /** The next Kinesis record has no acknowledged user record. */
  void none() {
    run(NONE, 0);
  }

  /** The next Kinesis record is wholly acknowledged. */
  void all(SequenceNumber sequenceNumber) {
    run(ALL, check(sequenceNumber));
  }

  private void run(int kind, int check) {
    if (kind != runKind) {
      flush();
      runKind = kind;
    }
    if (runLength++ == 0) {
      runCheck = check;
    }
  }

  /**
   * Some members of the next Kinesis record are acknowledged.
   *
   * @param inHead whether it is the record of the checkpoint itself
   */
  void partly(SequenceNumber sequenceNumber, BitSet acknowledged, boolean inHead) {
    flush();
    ByteArrayOutputStream runs = new ByteArrayOutputStream();
    int count = 0;
    int from = 0;
    boolean done = false;
    int last = acknowledged.length();
    while (from < last) {
      int to = done ? acknowledged.nextClearBit(from) : acknowledged.nextSetBit(from);
      putVarint(runs, to - from);
      count++;
      from = to;
      done = !done;
    }
    ByteArrayOutputStream token = new ByteArrayOutputStream();
    putVarint(token, (long) count * 4 + (inHead ? IN_HEAD : PARTLY));
    token.writeBytes(runs.toByteArray());
    putCheck(token, check(sequenceNumber));
    append(token);
    anyAcknowledged |= !full;
  }

  private void flush() {
    if (runLength > 0) {
      ByteArrayOutputStream token = new ByteArrayOutputStream();
      putVarint(token, (long) runLength * 4 + runKind);
      if (runKind == ALL) {
        putCheck(token, runCheck);
      }
      append(token);
      anyAcknowledged |= !full && runKind == ALL;
    }
    runLength = 0;
    runKind = NONE;
  }

  private void append(ByteArrayOutputStream token) {
    full |= out.size() + token.size() > maxBytes;
    if (!full) {
      out.writeBytes(token.toByteArray());
    }
  }

  /** The bytes; none if nothing beyond the checkpoint is acknowledged. */
  byte[] finish() {
    if (runKind == ALL) {
      flush();
    }
    return anyAcknowledged ? out.toByteArray() : new byte[0];
  }

  static int check(SequenceNumber sequenceNumber) {
    int hash = sequenceNumber.toString().hashCode() * 0x9E3779B9;
    return (hash >>> 16) & 0xFFFF;
  }

  private static void putCheck(ByteArrayOutputStream to, int check) {
    to.write(check >>> 8);
    to.write(check);
  }

  private static void putVarint(ByteArrayOutputStream to, long value) {
    long left = value;
    while (left > 0x7F) {
      to.write((int) ((left & 0x7F) | 0x80));
      left >>>= 7;
    }
    to.write((int) left);
  }
}
