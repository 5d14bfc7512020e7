/** Consumers beside each other: who takes part, and what they are measured on. */
@NullMarked
package io.millrace.benchmarks.consumer;

import org.jspecify.annotations.NullMarked;
