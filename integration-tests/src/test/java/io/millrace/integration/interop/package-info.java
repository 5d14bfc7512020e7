/**
 * Beside the KPL, the KCL and the aggregation libraries, each in a JVM or a Node process of its
 * own: the profile {@code interop} runs these tests.
 */
@NullMarked
package io.millrace.integration.interop;

import org.jspecify.annotations.NullMarked;
