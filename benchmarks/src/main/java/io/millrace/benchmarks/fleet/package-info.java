/**
 * Fleets of real worker processes: how fast they start, hand over and fail over, and what DynamoDB
 * costs them.
 */
@NullMarked
package io.millrace.benchmarks.fleet;

import org.jspecify.annotations.NullMarked;
