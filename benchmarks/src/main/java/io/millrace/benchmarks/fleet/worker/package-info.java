/**
 * One worker of a fleet in a JVM of its own, and what it tells its parent. Only the JDK, the SDK
 * and the library under measurement.
 */
@NullMarked
package io.millrace.benchmarks.fleet.worker;

import org.jspecify.annotations.NullMarked;
