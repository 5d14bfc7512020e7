/**
 * Leases of this worker: how one is taken or claimed, what its holder writes, and its life from
 * grant to end.
 */
@NullMarked
package io.millrace.consumer.internal.hold;

import org.jspecify.annotations.NullMarked;
