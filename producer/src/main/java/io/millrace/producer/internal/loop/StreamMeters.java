package io.millrace.producer.internal.loop;

import io.millrace.producer.internal.aggregate.OutgoingRecord;
import io.millrace.producer.internal.batch.ShardLane;

/**
 * What a stream's loop reports as it goes; called per request or per Kinesis record, never per put.
 */
interface StreamMeters {
  /** Reports nothing. */
  StreamMeters NONE = new StreamMeters() {};

  /** A request ended. */
  default void request(long durationNanos, String code, int records, long bytes) {}

  /** A Kinesis record was stored. */
  default void stored(OutgoingRecord record, long sizeBytes, long ageNanos) {}

  /** A Kinesis record was not stored by an attempt. */
  default void rejected(String code, int userRecords) {}

  /** The service throttled a lane, whose rate was cut or had been before. */
  default void throttled(ShardLane lane, boolean cut) {}

  /** A Kinesis record was given up. */
  default void failed(String reason, int userRecords) {}

  /** An aggregate landed on a shard that does not hold all of its members. */
  default void misplaced(int userRecords) {}

  /** The lowest rate factor of all shards, now and then. */
  default void rateFactor(double lowest) {}

  /** The stream's loop has ended. */
  default void close() {}
}
