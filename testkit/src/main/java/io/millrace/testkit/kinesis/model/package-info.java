/** The values of the Kinesis API as records: what replies describe, and the errors. */
@NullMarked
package io.millrace.testkit.kinesis.model;

import org.jspecify.annotations.NullMarked;
