/**
 * Discovery and lineage: which lease rows a stream needs, in which order they come to be, when a
 * child may start, and when a finished row may go.
 */
@NullMarked
package io.millrace.consumer.internal.discover;

import org.jspecify.annotations.NullMarked;
