/** Effects that happen exactly once, in a sink that knows how far it is. */
@NullMarked
package io.millrace.samples.exactly;

import org.jspecify.annotations.NullMarked;
