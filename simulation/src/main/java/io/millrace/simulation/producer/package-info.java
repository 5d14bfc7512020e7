/**
 * Producers alone, on virtual time, in one thread, from one seed: what they tell of each record is
 * compared with what the stream holds.
 */
@NullMarked
package io.millrace.simulation.producer;

import org.jspecify.annotations.NullMarked;
