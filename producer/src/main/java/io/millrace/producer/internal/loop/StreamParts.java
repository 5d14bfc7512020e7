package io.millrace.producer.internal.loop;

import io.millrace.producer.internal.aggregate.OutgoingRecord;
import io.millrace.producer.internal.batch.Lanes;
import io.millrace.producer.internal.batch.ShardLane;
import io.millrace.producer.internal.send.KinesisPort;
import io.millrace.producer.internal.settle.FailureText;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What the parts of one stream's loop share.
 *
 * @param contact whether the service was ever reached, over all streams
 */
record StreamParts(
    StreamIntake intake,
    KinesisPort port,
    Lanes lanes,
    Deliveries deliveries,
    StreamTrouble trouble,
    FailureText text,
    ServiceContact contact,
    StreamMeters meters,
    RandomGenerator random) {

  /** The lane that a record waits in or would have; null if it is gone. */
  @Nullable ShardLane laneOf(OutgoingRecord record) {
    return lanes.of(record.buffer());
  }
}
