/** Metrics on their way into CloudWatch: the testkit takes PutMetricData. */
@NullMarked
package io.millrace.integration.metrics;

import org.jspecify.annotations.NullMarked;
