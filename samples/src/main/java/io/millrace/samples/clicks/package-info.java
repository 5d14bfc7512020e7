/** The events of the samples: clicks of users, at a steady rate. */
@NullMarked
package io.millrace.samples.clicks;

import org.jspecify.annotations.NullMarked;
