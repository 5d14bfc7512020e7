/** The operations over the store. */
@NullMarked
package io.millrace.testkit.kinesis.engine;

import org.jspecify.annotations.NullMarked;
