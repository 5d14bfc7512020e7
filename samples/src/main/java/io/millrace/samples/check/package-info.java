/** Reports what would change if an application of the KPL or the KCL moved to Millrace. */
@NullMarked
package io.millrace.samples.check;

import org.jspecify.annotations.NullMarked;
