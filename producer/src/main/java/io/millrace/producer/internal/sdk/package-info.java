/** The adapter between the producer's port and the AWS SDK: the only code that sees SDK types. */
@NullMarked
package io.millrace.producer.internal.sdk;

import org.jspecify.annotations.NullMarked;
