/** How far a shard is acknowledged, and when that is written to the lease table. */
@NullMarked
package io.millrace.consumer.internal.checkpoint;

import org.jspecify.annotations.NullMarked;
