/**
 * The service provider interface of the lease store: where a fleet keeps its leases, checkpoints
 * and worker rows.
 *
 * <p>{@link io.millrace.consumer.lease.LeaseStore} is the whole contract; {@link
 * io.millrace.consumer.lease.InMemoryLeaseStore} is its smallest implementation. The protocol that
 * uses it is specified in {@code docs/lease-protocol.md}, which names every write as it is named
 * here.
 */
@NullMarked
package io.millrace.consumer.lease;

import org.jspecify.annotations.NullMarked;
