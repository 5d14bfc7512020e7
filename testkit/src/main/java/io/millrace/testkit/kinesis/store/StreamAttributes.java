package io.millrace.testkit.kinesis.store;

import io.millrace.testkit.kinesis.model.EncryptionType;
import io.millrace.testkit.kinesis.model.RecordDistributionStrategy;
import io.millrace.testkit.kinesis.model.StreamMode;
import org.jspecify.annotations.Nullable;

/**
 * What can be changed about a stream. Immutable: a change swaps the whole.
 *
 * @param mode capacity mode
 * @param distribution how shards are chosen
 * @param retentionHours how long records are kept
 * @param maxRecordSizeInKiB largest record
 * @param encryption whether new records are encrypted
 * @param keyId the KMS key, or null
 * @param warmThroughputMiBps warm throughput, or null
 */
public record StreamAttributes(
    StreamMode mode,
    RecordDistributionStrategy distribution,
    int retentionHours,
    int maxRecordSizeInKiB,
    EncryptionType encryption,
    @Nullable String keyId,
    @Nullable Integer warmThroughputMiBps) {
  private static final long HOUR_MILLIS = 3_600_000;

  /** The time before which records are gone. */
  public long horizonMillis(long nowMillis) {
    return nowMillis - retentionHours * HOUR_MILLIS;
  }

  /** Most bytes of a record, key included. */
  public int maxRecordBytes() {
    return maxRecordSizeInKiB * 1024;
  }

  /** The same in another mode. */
  public StreamAttributes withMode(StreamMode other, @Nullable Integer warmThroughput) {
    return new StreamAttributes(
        other, distribution, retentionHours, maxRecordSizeInKiB, encryption, keyId, warmThroughput);
  }

  /** The same with another distribution. */
  public StreamAttributes withDistribution(RecordDistributionStrategy other) {
    return new StreamAttributes(
        mode, other, retentionHours, maxRecordSizeInKiB, encryption, keyId, warmThroughputMiBps);
  }

  /** The same with another retention. */
  public StreamAttributes withRetentionHours(int hours) {
    return new StreamAttributes(
        mode, distribution, hours, maxRecordSizeInKiB, encryption, keyId, warmThroughputMiBps);
  }

  /** The same with another largest record. */
  public StreamAttributes withMaxRecordSizeInKiB(int kib) {
    return new StreamAttributes(
        mode, distribution, retentionHours, kib, encryption, keyId, warmThroughputMiBps);
  }

  /** The same with other encryption. */
  public StreamAttributes withEncryption(EncryptionType type, @Nullable String key) {
    return new StreamAttributes(
        mode, distribution, retentionHours, maxRecordSizeInKiB, type, key, warmThroughputMiBps);
  }
}
