package io.millrace.consumer.handler;

import io.millrace.model.Position;
import io.millrace.model.ShardId;
import java.time.Instant;
import java.util.Optional;

/**
 * Records may have left the stream before this application read them: its position in a shard was
 * overtaken by the stream's retention.
 *
 * <p>The service doesn't say so: a position that has left the stream starts silently at the oldest
 * record that is still there. So nobody knows whether there were records in between; what is known
 * is the time in which they would have arrived.
 *
 * @param stream the ARN of the stream
 * @param shard the shard
 * @param after the last position that was processed or read before; empty if it is not known
 * @param from the arrival time of the record there, or the time at which the shard was last read to
 *     its tip; empty if it is not known
 * @param to the arrival time of the first record that was found behind it; empty if the closed
 *     shard holds none any more
 */
public record SuspectedLoss(
    String stream,
    ShardId shard,
    Optional<Position> after,
    Optional<Instant> from,
    Optional<Instant> to) {}
