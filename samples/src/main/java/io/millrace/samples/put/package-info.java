/** The smallest producer. */
@NullMarked
package io.millrace.samples.put;

import org.jspecify.annotations.NullMarked;
