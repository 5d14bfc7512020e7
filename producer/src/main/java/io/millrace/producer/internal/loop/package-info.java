/** Drives the stages: the loop of each stream, its inbox, the byte budget, and the wiring. */
@NullMarked
package io.millrace.producer.internal.loop;

import org.jspecify.annotations.NullMarked;
