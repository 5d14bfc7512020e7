/**
 * A leased, checkpointing consumer of Amazon Kinesis Data Streams: start with {@link
 * io.millrace.consumer.StreamConsumer}.
 *
 * <p>What the application implements is in {@link io.millrace.consumer.handler}, what happens when
 * it fails in {@link io.millrace.consumer.failure}, where leases and checkpoints are kept in {@link
 * io.millrace.consumer.lease}.
 */
@NullMarked
package io.millrace.consumer;

import org.jspecify.annotations.NullMarked;
