/** A producer whose meters Prometheus scrapes. */
@NullMarked
package io.millrace.samples.prometheus;

import org.jspecify.annotations.NullMarked;
