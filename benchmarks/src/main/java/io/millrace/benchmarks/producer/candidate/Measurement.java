package io.millrace.benchmarks.producer.candidate;

import java.util.Optional;

/**
 * What it took to put some records. Immutable.
 *
 * @param records user records stored
 * @param nanos from the first put to the last outcome
 * @param cpuNanos of the whole process tree
 * @param compilerNanos of that, what the JIT compilers took
 * @param allocatedBytes on the Java heap
 * @param peakKibibytes resident, of the whole process tree since its start
 * @param p50Nanos the median time from a record's put to its outcome
 * @param p99Nanos and the 99th percentile
 */
public record Measurement(
    long records,
    long nanos,
    long cpuNanos,
    long compilerNanos,
    long allocatedBytes,
    long peakKibibytes,
    long p50Nanos,
    long p99Nanos) {
  private static final String MARK = "measured";
  private static final int NUMBERS = 8;

  /** A line for {@link #parse}. */
  public String toLine() {
    return String.join(
        " ",
        MARK,
        Long.toString(records),
        Long.toString(nanos),
        Long.toString(cpuNanos),
        Long.toString(compilerNanos),
        Long.toString(allocatedBytes),
        Long.toString(peakKibibytes),
        Long.toString(p50Nanos),
        Long.toString(p99Nanos));
  }

  /** Reads a line; empty if it is something else that a candidate has printed. */
  public static Optional<Measurement> parse(String line) {
    String[] parts = line.split(" ", -1);
    if (!parts[0].equals(MARK) || parts.length != NUMBERS + 1) {
      return Optional.empty();
    }
    return Optional.of(
        new Measurement(
            Long.parseLong(parts[1]),
            Long.parseLong(parts[2]),
            Long.parseLong(parts[3]),
            Long.parseLong(parts[4]),
            Long.parseLong(parts[5]),
            Long.parseLong(parts[6]),
            Long.parseLong(parts[7]),
            Long.parseLong(parts[8])));
  }

  /** CPU time of one record, without the JIT compilers': their work ends, a record's does not. */
  public double cpuMicrosPerRecord() {
    return (cpuNanos - compilerNanos) / 1e3 / records;
  }

  /** How much of the CPU time the JIT compilers took, in percent. */
  public double compilerPercent() {
    return 100.0 * compilerNanos / cpuNanos;
  }

  /** Records stored in a second. */
  public double recordsPerSecond() {
    return records * 1e9 / nanos;
  }

  /** Heap bytes allocated for one record. */
  public double allocatedBytesPerRecord() {
    return (double) allocatedBytes / records;
  }
}
