package io.millrace.consumer.lease;

/**
 * Tells ownership periods of one lease apart: every later period of the same shard has a larger
 * token. So has a worker that begins again at the checkpoint within its period, after a handoff
 * that was cancelled.
 *
 * <p>Write it beside what you write to a system of your own, and refuse there what carries a
 * smaller one: that is the only way to stop a worker that still runs after it lost its lease.
 * Tokens of different leases have no order. Immutable.
 *
 * @param tableGeneration grows each time that the lease table itself is made anew
 * @param counter the lease counter when the shard was begun
 */
public record FencingToken(long tableGeneration, long counter) implements Comparable<FencingToken> {
  @Override
  public int compareTo(FencingToken other) {
    int byGeneration = Long.compare(tableGeneration, other.tableGeneration);
    return byGeneration != 0 ? byGeneration : Long.compare(counter, other.counter);
  }
}
