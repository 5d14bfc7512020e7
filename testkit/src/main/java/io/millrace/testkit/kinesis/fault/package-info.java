/** Faults on request: by script or by chance, with a seed. */
@NullMarked
package io.millrace.testkit.kinesis.fault;

import org.jspecify.annotations.NullMarked;
