/** The service's rates: token buckets, and the rates of control calls. */
@NullMarked
package io.millrace.testkit.kinesis.limit;

import org.jspecify.annotations.NullMarked;
