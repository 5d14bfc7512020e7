package io.millrace.consumer.internal.assign;

import io.millrace.consumer.lease.LeaseKey;
import org.jspecify.annotations.Nullable;

/**
 * A lease that counts as load: its shard is not finished, and not waiting for a parent.
 *
 * @param lease its key
 * @param holder who holds it; null if it may be taken at once. A holder that is no {@link
 *     WorkerCapacity} of the plan is about to lose it: nothing is planned for it yet
 * @param throughputKBps how much is read from the shard; NaN if unknown
 * @param movable whether it may be moved for balance: not while it is parked or already moving
 */
public record Assignable(
    LeaseKey lease, @Nullable String holder, double throughputKBps, boolean movable) {}
