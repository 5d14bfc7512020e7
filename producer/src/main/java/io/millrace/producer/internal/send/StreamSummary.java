package io.millrace.producer.internal.send;

import io.millrace.producer.ProducerSettings.Distribution;

/**
 * What concerns a producer in a stream's description.
 *
 * @param distribution who chooses the shard of a record
 * @param maxRecordBytes bytes of one record, partition key included
 */
public record StreamSummary(Distribution distribution, int maxRecordBytes) {}
