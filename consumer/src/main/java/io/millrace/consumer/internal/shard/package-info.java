/**
 * One held lease from grant to end: the shard consumer's state machine, and the seam between it and
 * the coordination of leases.
 */
@NullMarked
package io.millrace.consumer.internal.shard;

import org.jspecify.annotations.NullMarked;
