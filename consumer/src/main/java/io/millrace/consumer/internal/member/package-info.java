/**
 * Membership of the fleet: this worker's row and heartbeats, the self-fence that follows from them,
 * and what the peers' rows say.
 */
@NullMarked
package io.millrace.consumer.internal.member;

import org.jspecify.annotations.NullMarked;
