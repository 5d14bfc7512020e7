/** What this worker knows of the lease table, and how it reads it. */
@NullMarked
package io.millrace.consumer.internal.table;

import org.jspecify.annotations.NullMarked;
