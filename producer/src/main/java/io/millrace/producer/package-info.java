/**
 * Puts user records into Kinesis data streams: aggregated, batched, rate limited per shard,
 * retried, and bounded in memory.
 *
 * <p>Start at {@link io.millrace.producer.StreamProducer}.
 */
@NullMarked
package io.millrace.producer;

import org.jspecify.annotations.NullMarked;
