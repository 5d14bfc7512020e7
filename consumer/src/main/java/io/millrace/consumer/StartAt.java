package io.millrace.consumer;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where the shards of a stream are first read from when the application has no lease for them yet.
 * There is no default, as this decides about data loss; later starts go on from the checkpoints,
 * whatever is given here.
 *
 * <p>Immutable.
 */
public final class StartAt {
  private static final StartAt TRIM_HORIZON = new StartAt(Kind.TRIM_HORIZON, null);
  private static final StartAt LATEST = new StartAt(Kind.LATEST, null);

  private final Kind kind;
  private final @Nullable Instant timestamp;

  private StartAt(Kind kind, @Nullable Instant timestamp) {
    this.kind = kind;
    this.timestamp = timestamp;
  }

  /** With the oldest record that the stream still holds: nothing is missed. */
  public static StartAt trimHorizon() {
    return TRIM_HORIZON;
  }

  /**
   * With the records that arrive from now on. "Now" is the service's own time at the first start of
   * the fleet, minus two seconds, and is stored with the lease: a crash before the first checkpoint
   * loses nothing. Some seconds of earlier records may be delivered.
   */
  public static StartAt latest() {
    return LATEST;
  }

  /**
   * With the first record that arrived at or after a time.
   *
   * @param timestamp the time, in milliseconds; earlier than the retention period means {@link
   *     #trimHorizon()}
   */
  public static StartAt timestamp(Instant timestamp) {
    return new StartAt(Kind.TIMESTAMP, Objects.requireNonNull(timestamp, "timestamp"));
  }

  /** Which of the three. */
  public Kind kind() {
    return kind;
  }

  /** The time of {@link Kind#TIMESTAMP}, empty otherwise. */
  public Optional<Instant> timestamp() {
    return Optional.ofNullable(timestamp);
  }

  /** The kinds of start. */
  public enum Kind {
    /** See {@link StartAt#trimHorizon()}. */
    TRIM_HORIZON,
    /** See {@link StartAt#latest()}. */
    LATEST,
    /** See {@link StartAt#timestamp(Instant)}. */
    TIMESTAMP
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof StartAt that
        && kind == that.kind
        && Objects.equals(timestamp, that.timestamp);
  }

  @Override
  public int hashCode() {
    return Objects.hash(kind, timestamp);
  }

  @Override
  public String toString() {
    return timestamp == null ? kind.toString() : kind + "(" + timestamp + ")";
  }
}
