package io.millrace.producer.internal.aggregate;

import io.millrace.producer.ProducerSettings;
import io.millrace.producer.ProducerSettings.Aggregation;
import io.millrace.producer.ProducerSettings.ContainerKey;

/**
 * How user records become Kinesis records, and how long these may take.
 *
 * @param aggregating whether user records share Kinesis records
 * @param maxBytes of one aggregate, format overhead included
 * @param maxRecords of one aggregate
 * @param containerKey the partition key of aggregates
 * @param lingerNanos how long a record may wait for company
 * @param deliveryNanos when a record expires
 */
public record Packing(
    boolean aggregating,
    int maxBytes,
    int maxRecords,
    ContainerKey containerKey,
    long lingerNanos,
    long deliveryNanos) {

  /** As the settings say. */
  public static Packing of(ProducerSettings settings) {
    return new Packing(
        settings.aggregation() == Aggregation.KPL,
        settings.aggregateMaxBytes(),
        settings.aggregateMaxRecords(),
        settings.containerKey(),
        settings.linger().toNanos(),
        settings.deliveryTimeout().toNanos());
  }

  /** The same with or without sharing. */
  public Packing aggregating(boolean yes) {
    return new Packing(yes, maxBytes, maxRecords, containerKey, lingerNanos, deliveryNanos);
  }
}
