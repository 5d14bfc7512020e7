/** What an operator does to a fleet, through its lease store alone. */
@NullMarked
package io.millrace.consumer.internal.admin;

import org.jspecify.annotations.NullMarked;
