/**
 * The producers that are compared, each run by {@link
 * io.millrace.benchmarks.producer.candidate.CandidateMain} in a JVM of its own. All but the
 * candidates themselves needs only the JDK: the KPL's class path has nothing of ours but these
 * classes.
 */
@NullMarked
package io.millrace.benchmarks.producer.candidate;

import org.jspecify.annotations.NullMarked;
