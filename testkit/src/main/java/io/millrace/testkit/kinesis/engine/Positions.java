package io.millrace.testkit.kinesis.engine;

import io.millrace.testkit.kinesis.model.KinesisError;
import io.millrace.testkit.kinesis.model.StartingPosition;
import io.millrace.testkit.kinesis.store.SequenceFormat;
import io.millrace.testkit.kinesis.store.ShardState;
import io.millrace.testkit.kinesis.store.StreamState;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Where readers begin: turns a starting position into a place in the shard. */
final class Positions {
  private Positions() {}

  /** Checks what needs no shard: the type and its argument. */
  static void check(StartingPosition position) {
    StartingPosition.Type type = Checks.required("shardIteratorType", position.type());
    String number = position.sequenceNumber();
    if (number != null) {
      Checks.sequenceNumber("startingSequenceNumber", number);
    }
    boolean wantsNumber =
        type == StartingPosition.Type.AT_SEQUENCE_NUMBER
            || type == StartingPosition.Type.AFTER_SEQUENCE_NUMBER;
    if (wantsNumber != (number != null)) {
      throw Checks.invalidArgument(
          "Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and"
              + " StartingSequenceNumber or (2) TRIM_HORIZON or LATEST and no"
              + " StartingSequenceNumber. Request specified "
              + type
              + (wantsNumber ? " and no " : " and also a ")
              + "StartingSequenceNumber.");
    }
    if (type == StartingPosition.Type.AT_TIMESTAMP && position.timestamp() == null) {
      throw Checks.invalidArgument(
          "Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP."
              + " Current request has no timestamp parameter.");
    }
  }

  /** The place of the first record to read; a trimmed one stands for the oldest record kept. */
  static long resolve(
      StreamState stream, ShardState shard, StartingPosition position, long nowMillis) {
    return switch (Checks.required("shardIteratorType", position.type())) {
      case TRIM_HORIZON -> 1;
      case LATEST -> shard.latestPlace();
      case AT_TIMESTAMP -> since(stream, shard, position.timestamp(), nowMillis);
      case AT_SEQUENCE_NUMBER -> placeOf(stream, shard, position.sequenceNumber());
      case AFTER_SEQUENCE_NUMBER -> placeOf(stream, shard, position.sequenceNumber()) + 1;
    };
  }

  private static long since(
      StreamState stream, ShardState shard, @Nullable Instant timestamp, long nowMillis) {
    long millis = Checks.required("timestamp", timestamp).toEpochMilli();
    if (millis > nowMillis) {
      throw Checks.invalidArgument(
          "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis."
              + " timestampInMillis: "
              + millis
              + ", currentTimestampInMillis: "
              + nowMillis);
    }
    return shard.placeSince(millis, stream.horizonMillis(nowMillis));
  }

  private static long placeOf(StreamState stream, ShardState shard, @Nullable String number) {
    String given = Checks.required("startingSequenceNumber", number);
    long place = shard.numbers().parse(given);
    if (place == SequenceFormat.OTHER_STREAM) {
      throw invalid(stream, shard, given, " because it did not come from this stream.");
    }
    if (place == SequenceFormat.OTHER_SHARD) {
      throw Checks.invalidArgument(
          "Invalid StartingSequenceNumber. It encodes another shard, while it was used in a call"
              + " to a shard with "
              + shard.shardId());
    }
    if (!shard.isIssued(place)) {
      throw invalid(stream, shard, given, ".");
    }
    return place;
  }

  private static KinesisError invalid(
      StreamState stream, ShardState shard, String number, String why) {
    return Checks.invalidArgument(
        "StartingSequenceNumber "
            + number
            + " used on shard "
            + shard.shardId()
            + " in stream "
            + stream.name()
            + " is invalid"
            + why);
  }
}
