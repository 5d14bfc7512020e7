/**
 * A fleet of worker processes that are killed and suspended at random while events flow, and a
 * ledger that proves that nothing was lost. Begin with {@link io.millrace.samples.chaos.Chaos}.
 */
@NullMarked
package io.millrace.samples.chaos;

import org.jspecify.annotations.NullMarked;
