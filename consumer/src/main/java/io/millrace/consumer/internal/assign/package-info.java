/** Who should own which lease: a pure function of what one worker believes about the fleet. */
@NullMarked
package io.millrace.consumer.internal.assign;

import org.jspecify.annotations.NullMarked;
