package io.millrace.consumer.internal.process;

import io.millrace.consumer.internal.checkpoint.Acknowledgements;
import io.millrace.model.Position;
import java.time.Instant;
import java.util.Optional;

/**
 * What a checkpoint says: the watermark with what belongs to it, as of one moment. Immutable; its
 * bytes are its own.
 */
public final class CheckpointMark {
  private final Position position;
  private final Optional<Instant> arrival;
  private final byte[] ahead;

  private CheckpointMark(Position position, Optional<Instant> arrival, byte[] ahead) {
    this.position = position;
    this.arrival = arrival;
    this.ahead = ahead;
  }

  /** The mark of what is acknowledged now; only once there is a watermark. */
  static CheckpointMark of(Acknowledgements done, int maxAheadBytes) {
    return new CheckpointMark(
        done.watermark().orElseThrow(), done.watermarkArrival(), done.ahead(maxAheadBytes));
  }

  /** The watermark. */
  public Position position() {
    return position;
  }

  /** The arrival time of the record there. */
  public Optional<Instant> arrival() {
    return arrival;
  }

  /** What is acknowledged beyond it. */
  public byte[] ahead() {
    return ahead.clone();
  }
}
