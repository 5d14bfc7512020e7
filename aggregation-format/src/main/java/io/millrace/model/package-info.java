/** Values that producer and consumer share: shard ids, hash keys, hash ranges, sequence numbers. */
@NullMarked
package io.millrace.model;

import org.jspecify.annotations.NullMarked;
