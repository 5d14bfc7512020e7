/**
 * What the application implements, and what it is given: handlers, the shard processor, records,
 * the checkpointer.
 *
 * <p>Choose one: {@link io.millrace.consumer.handler.RecordHandler} (a record at a time; returning
 * acknowledges), {@link io.millrace.consumer.handler.AsyncRecordHandler} (the same without holding
 * a thread), {@link io.millrace.consumer.handler.BatchHandler} (many at a time, with single
 * failures) or {@link io.millrace.consumer.handler.ShardProcessor} (the KCL's lifecycle: the
 * application checkpoints by itself).
 */
@NullMarked
package io.millrace.consumer.handler;

import org.jspecify.annotations.NullMarked;
