/** The samples, run as a user runs them. */
@NullMarked
package io.millrace.integration.samples;

import org.jspecify.annotations.NullMarked;
