/** From a reply to each record's outcome: done, failed, or again, and when. */
@NullMarked
package io.millrace.producer.internal.settle;

import org.jspecify.annotations.NullMarked;
