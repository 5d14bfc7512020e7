/** How long to wait before something that failed is tried again. */
@NullMarked
package io.millrace.consumer.internal.backoff;

import org.jspecify.annotations.NullMarked;
