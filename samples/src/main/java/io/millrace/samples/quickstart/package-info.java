/**
 * The whole of Millrace on one machine: a producer and a fleet of workers move click events through
 * a stream while its shards split and merge, one worker is stopped and one is killed; a ledger
 * proves that nothing was lost. Begin with {@link io.millrace.samples.quickstart.Quickstart}.
 */
@NullMarked
package io.millrace.samples.quickstart;

import org.jspecify.annotations.NullMarked;
