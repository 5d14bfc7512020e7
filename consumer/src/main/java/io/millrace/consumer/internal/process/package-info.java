/**
 * From fetched Kinesis records to acknowledged user records: de-aggregation, order, calls of user
 * code, failures.
 *
 * <p>{@link io.millrace.consumer.internal.process.Delivery} is the core: one per shard, with one
 * short lock, shared by the worker loop and the threads that run user code.
 */
@NullMarked
package io.millrace.consumer.internal.process;

import org.jspecify.annotations.NullMarked;
