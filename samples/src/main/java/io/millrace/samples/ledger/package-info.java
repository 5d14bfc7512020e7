/** Keeps account of every event from its put to its handlers, and says what came of it. */
@NullMarked
package io.millrace.samples.ledger;

import org.jspecify.annotations.NullMarked;
