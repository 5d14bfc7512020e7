/**
 * Publishes Micrometer meters to CloudWatch as statistic sets.
 *
 * <p>{@link io.millrace.metrics.cloudwatch.CloudWatchMeterRegistry} is an ordinary Micrometer
 * registry: hand it to a producer's or a consumer's builder, alone or inside a composite.
 */
@NullMarked
package io.millrace.metrics.cloudwatch;

import org.jspecify.annotations.NullMarked;
