/** How fast one shard may be sent to. */
@NullMarked
package io.millrace.producer.internal.limit;

import org.jspecify.annotations.NullMarked;
