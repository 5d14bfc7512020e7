package io.millrace.consumer.lease;

/**
 * What a holder knows of its lease, and what each write of a holder is conditional on: {@code
 * leaseCounter} is {@link #counter()}, and the holder - {@code checkpointOwner} where present, else
 * {@code leaseOwner} - is {@link #worker()}.
 *
 * <p>Immutable.
 *
 * @param key the lease
 * @param worker the holder's id
 * @param counter the lease counter that the holder's last applied write left
 */
public record Holding(LeaseKey key, String worker, long counter) {
  /** What the holder of {@code lease} knows after having read or written it. */
  public static Holding of(Lease lease, String worker) {
    return new Holding(lease.key(), worker, lease.counter());
  }
}
