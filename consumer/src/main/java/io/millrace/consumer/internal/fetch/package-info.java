/**
 * Reading shards: ports in our own types, their SDK adapters, pacing, polling, enhanced fan-out,
 * the byte budget.
 */
@NullMarked
package io.millrace.consumer.internal.fetch;

import org.jspecify.annotations.NullMarked;
