/** The producer's memory while its endpoint answers nothing. */
@NullMarked
package io.millrace.integration.producer.stalled;

import org.jspecify.annotations.NullMarked;
