package io.millrace.producer.internal.send;

import io.millrace.model.HashKey;
import org.jspecify.annotations.Nullable;

/** One entry of a PutRecords request. Immutable as long as nobody changes the payload. */
public final class PutEntry {
  private final @Nullable String partitionKey;
  private final @Nullable HashKey explicitHashKey;
  private final byte[] data;

  /**
   * Makes an entry.
   *
   * @param partitionKey null only where the service chooses the shard
   * @param explicitHashKey overrides the hash of the partition key; null for none
   * @param data the payload; not copied and not to be changed
   */
  public PutEntry(@Nullable String partitionKey, @Nullable HashKey explicitHashKey, byte[] data) {
    this.partitionKey = partitionKey;
    this.explicitHashKey = explicitHashKey;
    this.data = data;
  }

  /** The key; null only where the service chooses the shard. */
  public @Nullable String partitionKey() {
    return partitionKey;
  }

  /** Overrides the hash of the partition key; null for none. */
  public @Nullable HashKey explicitHashKey() {
    return explicitHashKey;
  }

  /** The payload; not to be changed. */
  public byte[] data() {
    return data;
  }

  /** The payload's size only: no key, no content. */
  @Override
  public String toString() {
    return "PutEntry[" + data.length + " data bytes]";
  }
}
