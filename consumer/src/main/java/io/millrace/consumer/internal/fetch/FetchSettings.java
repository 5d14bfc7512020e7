package io.millrace.consumer.internal.fetch;

import io.millrace.consumer.ConsumerSettings;
import java.time.Duration;

/**
 * How shards are read. Immutable.
 *
 * @param readsPerSecond per shard
 * @param readBytesPerSecond per shard
 * @param idleInterval between reads at the tip
 * @param maxRecords per read
 * @param requestTimeout of the port; a reply that is twice as late counts as lost
 */
public record FetchSettings(
    double readsPerSecond,
    long readBytesPerSecond,
    Duration idleInterval,
    int maxRecords,
    Duration requestTimeout) {
  /** The part of the consumer's settings that fetchers need. */
  public static FetchSettings of(ConsumerSettings settings) {
    return new FetchSettings(
        settings.shardReadsPerSecond(),
        settings.shardReadBytesPerSecond(),
        settings.idlePollInterval(),
        settings.fetchMaxRecords(),
        settings.requestTimeout());
  }
}
