/** User records in an AWS Lambda function, with the record format alone. */
@NullMarked
package io.millrace.samples.lambda;

import org.jspecify.annotations.NullMarked;
