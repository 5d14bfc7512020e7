package io.millrace.consumer;

/** Which records of a shard may be processed at the same time. */
public enum KeyOrder {
  /**
   * Records of the same partition key one after the other, in order; different keys at the same
   * time.
   */
  PER_KEY,
  /** Any records at the same time, started in order but finished in any. */
  UNORDERED
}
