/**
 * Encodes and decodes the aggregated record format: many user records inside one Kinesis record, as
 * the KPL writes and the KCL reads them.
 *
 * <p>Usable without any AWS SDK. All a reader in a Lambda function or a Flink job needs:
 *
 * <pre>{@code
 * static void forEachUserRecord(String partitionKey, ByteBuffer data, BiConsumer<String, ByteBuffer> consumer) {
 *   DecodedRecord record = AggregateDecoder.decode(data);
 *   if (record instanceof DecodedRecord.Plain plain) {
 *     consumer.accept(partitionKey, plain.data());
 *   } else if (record instanceof AggregatedRecord aggregated) {
 *     aggregated.forEach(member -> consumer.accept(member.partitionKey(), member.data()));
 *   } else if (record instanceof DecodedRecord.Corrupt corrupt) {
 *     throw new IllegalStateException("unreadable aggregate: " + corrupt.reason());
 *   }
 * }
 * }</pre>
 *
 * <p>The layout, what the decoder makes of every malformed input, and how headers are written, is
 * described in {@code docs/aggregated-record-format.md}.
 */
@NullMarked
package io.millrace.aggregation;

import org.jspecify.annotations.NullMarked;
