/**
 * The lease store in DynamoDB: {@link io.millrace.dynamodb.DynamoDbLeaseStore}.
 *
 * <p>Rows, conditions and updates are pure values ({@code LeaseCodec}, {@code LeaseConditions},
 * {@code LeaseWrites}); {@code RowTable} alone sends requests for rows, {@code TableSetup} for
 * tables, and {@code Failures} alone says what an error of the service means.
 */
@NullMarked
package io.millrace.dynamodb;

import org.jspecify.annotations.NullMarked;
