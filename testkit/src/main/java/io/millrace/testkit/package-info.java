/**
 * What applications test against: {@link io.millrace.testkit.KinesisServer}, an in-process Kinesis
 * endpoint with faults for real SDK clients; {@link io.millrace.testkit.RecordingProducer} and
 * {@link io.millrace.testkit.ReceivedRecords} for unit tests without any endpoint.
 */
@NullMarked
package io.millrace.testkit;

import org.jspecify.annotations.NullMarked;
