package io.millrace.benchmarks.fleet.worker;

import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * What a worker tells its parent, a line each on standard output. What was written before the
 * process is killed still arrives: the system holds the pipe. Thread-safe.
 */
final class Reports {
  static final String READY = "ready";
  static final String GOT = "got";

  private final PrintStream out;

  Reports(PrintStream out) {
    this.out = out;
  }

  /** The worker is a member of the fleet. */
  void ready() {
    out.println(READY + " " + nowMicros());
  }

  /** User code was given a record. */
  void got(String shard, String partitionKey, ByteBuffer data) {
    long micros = nowMicros();
    String id = StandardCharsets.US_ASCII.decode(data.duplicate()).toString();
    out.println(GOT + " " + shard + " " + id + " " + micros + " " + partitionKey);
  }

  /** All workers run on one machine and share its clock. */
  private static long nowMicros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }
}
