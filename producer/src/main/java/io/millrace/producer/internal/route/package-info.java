/** Immutable shard maps, and when to load a new one. */
@NullMarked
package io.millrace.producer.internal.route;

import org.jspecify.annotations.NullMarked;
