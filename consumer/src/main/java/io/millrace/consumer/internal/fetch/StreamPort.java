package io.millrace.consumer.internal.fetch;

import io.millrace.consumer.lease.StreamIdentity;
import io.millrace.model.HashRange;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** What discovery asks about streams. Thread-safe; no method blocks or repeats a request. */
public interface StreamPort {
  /**
   * A stream.
   *
   * @param identity its ARN and creation time
   * @param usable whether it can be read: ACTIVE or UPDATING
   * @param retention how long it keeps records
   */
  record StreamDescription(StreamIdentity identity, boolean usable, Duration retention) {}

  /**
   * A shard.
   *
   * @param shard its id
   * @param parents its parents as the service names them, existing or not: none, one or two
   * @param hashRange its hash keys
   * @param closed whether it takes no more records
   */
  record ShardListing(ShardId shard, Set<ShardId> parents, HashRange hashRange, boolean closed) {
    /** Copies the set. */
    public ShardListing {
      parents = Set.copyOf(parents);
    }
  }

  /**
   * One page of shards.
   *
   * @param shards the shards, up to 1,000
   * @param nextToken where the next page starts; empty on the last one
   * @param serviceTime the service's own time, from the {@code Date} of its reply
   */
  record ShardPage(List<ShardListing> shards, Optional<String> nextToken, Instant serviceTime) {
    /** Copies the list. */
    public ShardPage {
      shards = List.copyOf(shards);
    }
  }

  /**
   * Describes a stream (DescribeStreamSummary).
   *
   * @param nameOrArn its name or ARN
   */
  CompletionStage<Reply<StreamDescription>> describeStream(String nameOrArn);

  /**
   * Lists all shards of a stream, open and closed (ListShards).
   *
   * @param streamArn its ARN
   * @param nextToken of the page before; empty for the first page
   */
  CompletionStage<Reply<ShardPage>> listShards(String streamArn, Optional<String> nextToken);
}
