/**
 * Millrace's producer beside the KPL and the bare SDK. Each benchmark starts the endpoint and the
 * candidates in JVMs of their own and lets them take turns on the same work.
 */
@NullMarked
package io.millrace.benchmarks.producer;

import org.jspecify.annotations.NullMarked;
