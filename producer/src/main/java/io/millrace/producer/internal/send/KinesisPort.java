package io.millrace.producer.internal.send;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * What the producer asks of Kinesis, in types of our own.
 *
 * <p>Calls return at once and never throw. A failed call completes exceptionally with {@link
 * KinesisCallException}. Futures may complete on any thread; cancelling one gives the call up. An
 * implementation neither retries nor times out: the loop does both.
 */
public interface KinesisPort {
  /**
   * Stores records; the reply has one entry per record, in order.
   *
   * @param entries 1 to 500
   */
  CompletableFuture<PutRecordsReply> putRecords(StreamAddress stream, List<PutEntry> entries);

  /** Lists the open shards, all pages. */
  CompletableFuture<List<ShardDescription>> listShards(StreamAddress stream);

  /** Reads what concerns a producer in the stream's description. */
  CompletableFuture<StreamSummary> describeStreamSummary(StreamAddress stream);

  /** Where requests go, for messages: a region or an endpoint; empty if unknown. */
  default String location() {
    return "";
  }
}
