package io.millrace.producer;

import java.time.Duration;

/**
 * The service's limits that a producer works with, as documented in "Quotas and limits" of the
 * Amazon Kinesis Data Streams developer guide and in the API reference of PutRecords, unless said
 * otherwise.
 */
public final class KinesisLimits {
  /** Records in one PutRecords request. */
  public static final int REQUEST_MAX_RECORDS = 500;

  /** Bytes of one PutRecords request, partition keys included. */
  public static final int REQUEST_MAX_BYTES = 10 << 20;

  /** Bytes of one record, partition key included, where the stream's own maximum allows it. */
  public static final int RECORD_MAX_BYTES = 10 << 20;

  /**
   * Bytes of one record, partition key included, on a stream that was not changed ({@code
   * MaxRecordSizeInKiB} in the API reference of UpdateMaxRecordSize).
   */
  public static final int RECORD_DEFAULT_MAX_BYTES = 1 << 20;

  /** Unicode characters of a partition key; at least one. */
  public static final int PARTITION_KEY_MAX_CHARACTERS = 256;

  /** Records that one shard takes per second. */
  public static final int SHARD_RECORDS_PER_SECOND = 1_000;

  /** Bytes that one shard takes per second, partition keys included. */
  public static final int SHARD_BYTES_PER_SECOND = 1 << 20;

  /** Shards on one page of ListShards. */
  public static final int LIST_SHARDS_PAGE = 1_000;

  /**
   * How often one producer asks at most for the shards of a stream because records were misplaced;
   * ListShards allows 1,000 calls per second and stream, shared by everybody.
   */
  public static final Duration LIST_SHARDS_INTERVAL = Duration.ofSeconds(1);

  private KinesisLimits() {}
}
