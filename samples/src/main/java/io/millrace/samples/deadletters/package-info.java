/** Where records go that can't be processed. */
@NullMarked
package io.millrace.samples.deadletters;

import org.jspecify.annotations.NullMarked;
