/**
 * The operations of the Kinesis API: a request and a reply record for each, and how they are
 * delivered.
 */
@NullMarked
package io.millrace.testkit.kinesis.call;

import org.jspecify.annotations.NullMarked;
