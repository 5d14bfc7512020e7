package io.millrace.producer.internal.aggregate;

import io.millrace.model.HashKey;
import io.millrace.producer.internal.route.ShardMap;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a stream's records go: one buffer per shard of a map, or one buffer for all records while
 * the map is not known or where the service chooses the shard. Swapped as a whole when the map
 * changes.
 *
 * <p>Immutable.
 */
public final class Routes {
  private final @Nullable ShardMap map;
  private final List<ShardBuffer> buffers;
  private final boolean keyRequired;
  private final int maxRecordBytes;
  private final boolean aggregating;

  private Routes(
      @Nullable ShardMap map,
      List<ShardBuffer> buffers,
      boolean keyRequired,
      int maxRecordBytes,
      boolean aggregating) {
    this.map = map;
    this.buffers = List.copyOf(buffers);
    this.keyRequired = keyRequired;
    this.maxRecordBytes = maxRecordBytes;
    this.aggregating = aggregating;
  }

  /** While the stream is not described yet: all records wait in one place. */
  public static Routes waiting(ShardBuffer buffer, int maxRecordBytes) {
    return new Routes(null, List.of(buffer), false, maxRecordBytes, true);
  }

  /**
   * By hash key; buffers in the order of the map's shards.
   *
   * @param keyRequired whether it is known that a record needs a key
   */
  public static Routes byShard(
      ShardMap map,
      List<ShardBuffer> buffers,
      int maxRecordBytes,
      boolean aggregating,
      boolean keyRequired) {
    return new Routes(map, buffers, keyRequired, maxRecordBytes, aggregating);
  }

  /** The service chooses the shard of each record. */
  public static Routes managed(ShardBuffer buffer, int maxRecordBytes) {
    return new Routes(null, List.of(buffer), false, maxRecordBytes, false);
  }

  /** The buffer for records with this hash key. */
  public ShardBuffer bufferFor(@Nullable HashKey key) {
    return map == null || key == null ? buffers.get(0) : buffers.get(map.indexOf(key));
  }

  /** All buffers. */
  public List<ShardBuffer> buffers() {
    return buffers;
  }

  /** Bytes of one record, partition key included. */
  public int maxRecordBytes() {
    return maxRecordBytes;
  }

  /** Whether headers can travel: only aggregates carry them. */
  public boolean carriesHeaders() {
    return aggregating;
  }

  /** Why this stream can't take a record; empty if it can. Never shows content. */
  public Optional<String> refusalOf(IncomingRecord record) {
    if (keyRequired && record.partitionKey() == null) {
      return Optional.of(
          "it has no partition key, which only a stream with the record distribution strategy AUTO"
              + " may do without");
    }
    if (!aggregating && !record.headers().isEmpty()) {
      return Optional.of(
          "it has headers, which need aggregation, and nothing is aggregated on this stream;"
              + " set headersOptional to have them dropped here");
    }
    long sizeBytes = record.storedBytes();
    if (sizeBytes > maxRecordBytes) {
      return Optional.of(
          "it takes "
              + sizeBytes
              + " bytes with its key: the stream's maximum is "
              + maxRecordBytes);
    }
    return Optional.empty();
  }
}
