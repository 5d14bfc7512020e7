/** Measurements, each a class that {@code benchmarks/run <name>} starts in a JVM of its own. */
@NullMarked
package io.millrace.benchmarks;

import org.jspecify.annotations.NullMarked;
