/** What every simulation is made of: virtual time, the shared tables, processes, and checks. */
@NullMarked
package io.millrace.simulation.world;

import org.jspecify.annotations.NullMarked;
