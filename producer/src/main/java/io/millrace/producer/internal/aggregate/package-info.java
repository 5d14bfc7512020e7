/** Packs user records into the Kinesis records of one predicted shard. */
@NullMarked
package io.millrace.producer.internal.aggregate;

import org.jspecify.annotations.NullMarked;
