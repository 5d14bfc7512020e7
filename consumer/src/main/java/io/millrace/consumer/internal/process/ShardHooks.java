package io.millrace.consumer.internal.process;

import java.util.function.BooleanSupplier;
import java.util.function.LongPredicate;

/**
 * What a delivery needs of its shard's owner. All callable from any thread.
 *
 * @param mayDeliver whether user code may be called now: the self-fence
 * @param heldBack whether it may not, at any time; asks no clock
 * @param wake makes the worker loop look at the delivery soon
 * @param context what log lines of user code carry
 * @param meters what is counted
 */
public record ShardHooks(
    LongPredicate mayDeliver,
    BooleanSupplier heldBack,
    Runnable wake,
    HandlerContext context,
    DeliveryMeters meters) {}
