/**
 * An in-process Kinesis: streams, shards, records, iterators and consumers as direct typed calls.
 */
@NullMarked
package io.millrace.testkit.kinesis;

import org.jspecify.annotations.NullMarked;
