package io.millrace.consumer.internal.fetch;

import io.millrace.model.ShardId;
import java.util.concurrent.CompletionStage;

/**
 * Reads shards by polling. Thread-safe; no method blocks, none repeats a request, and stages
 * complete on any thread, within the request time-out.
 */
public interface FetchPort {
  /** Gets a shard iterator (GetShardIterator). */
  CompletionStage<Reply<String>> shardIterator(String streamArn, ShardId shard, ReadFrom from);

  /** Reads up to {@code limit} Kinesis records (GetRecords). */
  CompletionStage<Reply<FetchedRecords>> read(String streamArn, String shardIterator, int limit);
}
