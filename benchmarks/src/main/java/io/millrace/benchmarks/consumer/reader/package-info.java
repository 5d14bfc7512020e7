/**
 * The consumers that are compared, each run by {@link
 * io.millrace.benchmarks.consumer.reader.ReaderMain} in a JVM of its own. What the KCL's reader
 * uses needs only the SDK and the JDK: its class path has nothing of ours but these classes and the
 * testkit's certificate.
 */
@NullMarked
package io.millrace.benchmarks.consumer.reader;

import org.jspecify.annotations.NullMarked;
