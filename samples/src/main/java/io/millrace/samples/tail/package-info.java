/** The smallest consumer. */
@NullMarked
package io.millrace.samples.tail;

import org.jspecify.annotations.NullMarked;
