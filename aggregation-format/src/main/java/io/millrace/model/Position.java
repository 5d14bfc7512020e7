package io.millrace.model;

/**
 * The place of one user record in a shard: the sequence number of its Kinesis record, and its index
 * inside that record when it is an aggregate.
 *
 * <p>Immutable. Ordered by sequence number, then by sub-sequence number.
 *
 * @param sequenceNumber of the Kinesis record
 * @param subSequenceNumber the index of the user record in its aggregate, from 0; 0 for a plain
 *     record
 */
public record Position(SequenceNumber sequenceNumber, long subSequenceNumber)
    implements Comparable<Position> {
  /**
   * Checks the sub-sequence number.
   *
   * @throws IllegalArgumentException if the sub-sequence number is negative
   */
  public Position {
    if (subSequenceNumber < 0) {
      throw new IllegalArgumentException(
          "sub-sequence number " + subSequenceNumber + ": it must be at least 0");
    }
  }

  /** The position of a plain record, or of the first member of an aggregate. */
  public static Position of(SequenceNumber sequenceNumber) {
    return new Position(sequenceNumber, 0);
  }

  @Override
  public int compareTo(Position other) {
    int bySequence = sequenceNumber.compareTo(other.sequenceNumber);
    return bySequence != 0 ? bySequence : Long.compare(subSequenceNumber, other.subSequenceNumber);
  }

  /** Both numbers, as {@code sequenceNumber:subSequenceNumber}. */
  @Override
  public String toString() {
    return sequenceNumber + ":" + subSequenceNumber;
  }
}
