package io.millrace.consumer.failure;

/**
 * What happens to a Kinesis record that has the magic bytes and a valid checksum of the aggregation
 * format, but whose content can't be read: a foreign or broken writer. Each one is counted and
 * logged once with its position. (A record whose checksum does not match is a plain record by the
 * format's rules.)
 */
public enum CorruptAggregates {
  /**
   * Deliver its bytes as one plain record, as the KCL does with an unreadable body. The default:
   * nothing is lost.
   */
  DELIVER_RAW,
  /** Give it to the on-failure destination as one plain record; needs one. */
  TO_DESTINATION,
  /** Park the shard until an operator decides. */
  PARK_SHARD
}
