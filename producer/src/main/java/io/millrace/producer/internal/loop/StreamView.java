package io.millrace.producer.internal.loop;

import io.millrace.producer.ProducerSettings.Distribution;
import io.millrace.producer.internal.route.ShardMap;

/**
 * What is known of a stream.
 *
 * @param map the open shards
 * @param distribution who chooses the shard of a record, known or assumed
 * @param distributionKnown which of both
 * @param maxRecordBytes of one record, partition key included
 */
record StreamView(
    ShardMap map, Distribution distribution, boolean distributionKnown, int maxRecordBytes) {

  /** Whether records may be routed and packed as before. */
  boolean isLike(StreamView other) {
    return map.sameShards(other.map)
        && distribution == other.distribution
        && distributionKnown == other.distributionKnown
        && maxRecordBytes == other.maxRecordBytes;
  }
}
