package io.millrace.consumer.lease;

import io.millrace.model.Position;
import io.millrace.model.SequenceNumber;
import java.util.Optional;

/**
 * How far a shard has been processed, as its lease row says: one of four sentinels, or a position.
 *
 * <p>The text of a sentinel and of a position's sequence number is what the KCL keeps in the
 * attribute {@code checkpoint}; the sub-sequence number stands in an attribute of its own.
 * Immutable.
 */
public sealed interface Checkpoint {
  /**
   * The checkpoint that says that every record up to and including {@code position} is processed.
   */
  static Checkpoint at(Position position) {
    return new At(position);
  }

  /**
   * Reads the checkpoint back from the texts of a lease row.
   *
   * @param text a sentinel's name or a decimal sequence number
   * @param subSequenceNumber the sub-sequence number; must be 0 or more, ignored for a sentinel
   * @throws IllegalArgumentException if {@code text} is neither a sentinel nor a decimal number
   */
  static Checkpoint parse(String text, long subSequenceNumber) {
    for (Sentinel sentinel : Sentinel.values()) {
      if (sentinel.name().equals(text)) {
        return sentinel;
      }
    }
    return new At(new Position(SequenceNumber.of(text), subSequenceNumber));
  }

  /** The sentinel's name or the sequence number in decimal. */
  String text();

  /** The position's sub-sequence number; 0 for a sentinel. */
  long subSequenceNumber();

  /** The position, or empty for a sentinel. */
  Optional<Position> position();

  /**
   * Whether this checkpoint is strictly less progress than {@code other}. The three starting
   * sentinels precede every position and not each other; {@link Sentinel#SHARD_END} is preceded by
   * everything but itself.
   */
  default boolean precedes(Checkpoint other) {
    if (this instanceof At mine && other instanceof At theirs) {
      return mine.at().compareTo(theirs.at()) < 0;
    }
    return rank(this) < rank(other);
  }

  private static int rank(Checkpoint checkpoint) {
    if (checkpoint == Sentinel.SHARD_END) {
      return 2;
    }
    return checkpoint instanceof At ? 1 : 0;
  }

  /** The checkpoints without a position. Their names are what the row has. */
  enum Sentinel implements Checkpoint {
    /** Nothing is processed; reading starts at the oldest record that the stream still holds. */
    TRIM_HORIZON,
    /**
     * Nothing is processed; reading starts at the lease's {@linkplain Lease#startTimestamp() start
     * timestamp}. A row that the KCL created has none, and is then read from the tip.
     */
    LATEST,
    /**
     * Nothing is processed; reading starts at the lease's {@linkplain Lease#startTimestamp() start
     * timestamp}.
     */
    AT_TIMESTAMP,
    /** Every record of a closed shard is processed. Final: no later checkpoint replaces it. */
    SHARD_END;

    @Override
    public String text() {
      return name();
    }

    @Override
    public long subSequenceNumber() {
      return 0;
    }

    @Override
    public Optional<Position> position() {
      return Optional.empty();
    }
  }

  /**
   * A position up to which, itself included, everything is processed.
   *
   * @param at the position
   */
  record At(Position at) implements Checkpoint {
    @Override
    public String text() {
      return at.sequenceNumber().toString();
    }

    @Override
    public long subSequenceNumber() {
      return at.subSequenceNumber();
    }

    @Override
    public Optional<Position> position() {
      return Optional.of(at);
    }

    @Override
    public String toString() {
      return at.toString();
    }
  }
}
