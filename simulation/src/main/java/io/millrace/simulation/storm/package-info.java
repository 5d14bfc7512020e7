/**
 * Whole fleets on virtual time, in one thread, from one seed.
 *
 * <p>The producer's and the workers' real loops run here as they run in production; only time, the
 * network, Kinesis and the lease store are simulated. A run is a function of its seed: the same
 * seed gives the same run, step by step.
 */
@NullMarked
package io.millrace.simulation.storm;

import org.jspecify.annotations.NullMarked;
