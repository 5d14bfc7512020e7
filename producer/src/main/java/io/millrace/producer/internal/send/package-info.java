/**
 * The requests to Kinesis in types of our own: the port, its failures, and the adapter to the AWS
 * SDK.
 */
@NullMarked
package io.millrace.producer.internal.send;

import org.jspecify.annotations.NullMarked;
