/** Starts DynamoDB Local in a JVM of its own, for tests and samples that keep leases in a table. */
@NullMarked
package io.millrace.testkit.dynamodb;

import org.jspecify.annotations.NullMarked;
