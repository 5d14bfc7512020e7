package io.millrace.consumer.internal.assign;

import io.millrace.consumer.lease.LeaseKey;
import org.jspecify.annotations.Nullable;

/**
 * A proposal: that {@code to} takes a lease, or claims it for balance.
 *
 * @param lease the lease
 * @param from its holder; null for a lease that may be taken at once
 * @param to its next owner
 */
public record Move(LeaseKey lease, @Nullable String from, String to) {
  /** Whether the lease has a live holder, who hands it over. */
  public boolean isClaim() {
    return from != null;
  }
}
