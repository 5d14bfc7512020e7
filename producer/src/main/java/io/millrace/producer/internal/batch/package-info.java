/** Which Kinesis records leave together, and when. */
@NullMarked
package io.millrace.producer.internal.batch;

import org.jspecify.annotations.NullMarked;
