/** The worker: its loop, and the wiring of a stream consumer. */
@NullMarked
package io.millrace.consumer.internal.coordinate;

import org.jspecify.annotations.NullMarked;
