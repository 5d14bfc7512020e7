/** The worker's single thread as an object: events, timers and replies, on a time that is given. */
@NullMarked
package io.millrace.consumer.internal.loop;

import org.jspecify.annotations.NullMarked;
