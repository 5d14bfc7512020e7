package io.millrace.consumer.internal.assign;

import java.util.Comparator;

/** A lease with its weight among all leases. */
record Weighed(Assignable lease, long weight) {
  static final Comparator<Weighed> HEAVIEST_FIRST =
      Comparator.<Weighed>comparingLong(weighed -> -weighed.weight()).thenComparing(Weighed::byKey);

  /** By key alone. */
  int byKey(Weighed other) {
    return lease.lease().compareTo(other.lease.lease());
  }
}
