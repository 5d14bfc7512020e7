/**
 * What happens to a record that the application could not process: see {@link
 * io.millrace.consumer.failure.FailurePolicy}.
 */
@NullMarked
package io.millrace.consumer.failure;

import org.jspecify.annotations.NullMarked;
