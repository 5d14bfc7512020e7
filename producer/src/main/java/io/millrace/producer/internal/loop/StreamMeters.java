package io.millrace.producer.internal.loop;

import io.millrace.model.ShardId;
import io.millrace.producer.internal.aggregate.OutgoingRecord;
import io.millrace.producer.internal.batch.Lanes;
import io.millrace.producer.internal.batch.PutRequest;
import io.millrace.producer.internal.batch.ShardLane;
import io.millrace.producer.internal.route.ShardMap;
import org.jspecify.annotations.Nullable;

/**
 * What a stream's loop reports as it goes; called per request or per Kinesis record, never per put.
 */
interface StreamMeters {
  /** Reports nothing. */
  StreamMeters NONE = new StreamMeters() {};

  /** A request ended. */
  default void request(PutRequest request, String code, long durationNanos) {}

  /** A Kinesis record was stored; its attempts are noted. */
  default void stored(OutgoingRecord record, ShardId shard, long ageNanos) {}

  /** A Kinesis record was not stored by an attempt. */
  default void rejected(ShardLane lane, String code, int userRecords) {}

  /** The service throttled a lane, whose rate was cut or had been before. */
  default void throttled(ShardLane lane, boolean cut) {}

  /**
   * A Kinesis record was given up.
   *
   * @param lane where it waited or would have; null if that is gone
   */
  default void failed(@Nullable ShardLane lane, OutgoingRecord record, String reason) {}

  /** An aggregate landed on a shard that does not hold all of its members. */
  default void misplaced(ShardId shard, int userRecords) {}

  /** The rates as they are now; called now and then while there is traffic, and once after it. */
  default void rates(Lanes lanes, boolean idle, long nowNanos) {}

  /** These shards are in force. */
  default void shards(ShardMap map) {}

  /** The stream's loop has ended. */
  default void close() {}
}
