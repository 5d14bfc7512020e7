/** A stand-in for CloudWatch that takes PutMetricData and keeps what it was sent. */
@NullMarked
package io.millrace.testkit.cloudwatch;

import org.jspecify.annotations.NullMarked;
