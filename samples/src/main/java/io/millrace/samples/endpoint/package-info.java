/** A Kinesis and a DynamoDB on this machine, to try the other samples against. */
@NullMarked
package io.millrace.samples.endpoint;

import org.jspecify.annotations.NullMarked;
