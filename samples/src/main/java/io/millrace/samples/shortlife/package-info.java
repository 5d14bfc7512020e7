/** A producer in a process that is frozen or ends between events. */
@NullMarked
package io.millrace.samples.shortlife;

import org.jspecify.annotations.NullMarked;
