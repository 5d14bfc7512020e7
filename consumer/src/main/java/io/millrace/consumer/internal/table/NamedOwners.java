package io.millrace.consumer.internal.table;

import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.Owner;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The owners that unfinished leases name, counted as rows come and go: there are a few hundred of
 * them where there are thousands of rows. Confined to the loop.
 */
final class NamedOwners {
  private final Map<Owner, Integer> holders = new HashMap<>();
  private final Map<Owner, Integer> claimers = new HashMap<>();

  /** A row is known now. */
  void add(Lease row) {
    if (!row.isFinished()) {
      row.holderPeriod().ifPresent(owner -> holders.merge(owner, 1, Integer::sum));
      row.claimer().ifPresent(owner -> claimers.merge(owner, 1, Integer::sum));
    }
  }

  /** A row that was added is not what is known any more. */
  void remove(Lease row) {
    if (!row.isFinished()) {
      takeOff(holders, row.holderPeriod());
      takeOff(claimers, row.claimer());
    }
  }

  private static void takeOff(Map<Owner, Integer> counts, Optional<Owner> owner) {
    owner.ifPresent(
        named -> counts.computeIfPresent(named, (key, count) -> count > 1 ? count - 1 : null));
  }

  Set<Owner> holders() {
    return Collections.unmodifiableSet(holders.keySet());
  }

  Set<Owner> claimers() {
    return Collections.unmodifiableSet(claimers.keySet());
  }
}
