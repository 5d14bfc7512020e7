/**
 * A few workers, or very many, with their real coordination and a sketched data path: every
 * placement of a few faults, and the cost of a large fleet.
 */
@NullMarked
package io.millrace.simulation.explore;

import org.jspecify.annotations.NullMarked;
