/** What the endpoint keeps: streams, shards with their records, lineage and consumers. */
@NullMarked
package io.millrace.testkit.kinesis.store;

import org.jspecify.annotations.NullMarked;
