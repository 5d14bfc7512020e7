package io.millrace.benchmarks.producer.candidate;

import java.util.SplittableRandom;

/** The user records that every candidate puts, made before anything is measured. Immutable. */
final class Workload {
  private static final int KEYS = 10_000;
  private static final int PAYLOADS = 1_000;
  private static final long SEED = 1;

  private final String[] keys = new String[KEYS];
  private final byte[][] payloads = new byte[PAYLOADS][];

  Workload(int recordBytes) {
    SplittableRandom random = new SplittableRandom(SEED);
    for (int i = 0; i < KEYS; i++) {
      // In no order, so that neighbours go to different shards and caches see no pattern.
      keys[i] = "user-" + random.nextInt(1_000_000_000);
    }
    for (int i = 0; i < PAYLOADS; i++) {
      payloads[i] = new byte[recordBytes];
      random.nextBytes(payloads[i]);
    }
  }

  /** The key of a record; they take turns. */
  String key(long index) {
    return keys[(int) (index % KEYS)];
  }

  /** The data of a record; not to be changed. */
  byte[] data(long index) {
    return payloads[(int) (index % PAYLOADS)];
  }
}
