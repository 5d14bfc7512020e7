/**
 * Rows as values: items and what they mean, and each conditional write with its condition. Pure
 * functions; nothing here sends a request or reads a clock.
 */
@NullMarked
package io.millrace.dynamodb.internal.row;

import org.jspecify.annotations.NullMarked;
