package io.millrace.testkit.kinesis;

import io.millrace.testkit.kinesis.call.ConsumerCall;
import io.millrace.testkit.kinesis.call.KinesisRequest;
import io.millrace.testkit.kinesis.call.RecordCall;
import io.millrace.testkit.kinesis.call.RecordCall.PutEntry;
import io.millrace.testkit.kinesis.call.ShardCall;
import io.millrace.testkit.kinesis.engine.Account;
import io.millrace.testkit.kinesis.engine.RecordOperations;
import io.millrace.testkit.kinesis.fault.CallTarget;
import io.millrace.testkit.kinesis.model.KinesisError;
import io.millrace.testkit.kinesis.store.StreamState;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What stream and shard a request is about. Never fails: a bad request is about none. Immutable.
 */
final class CallTargets {
  private final Account account;
  private final RecordOperations records;

  CallTargets(Account account, RecordOperations records) {
    this.account = account;
    this.records = records;
  }

  CallTarget of(KinesisRequest<?> request) {
    String stream = streamOf(request);
    return new CallTarget(
        request.operation(),
        stream.isEmpty() ? null : stream,
        shardId -> touches(request, shardId));
  }

  /** The stream's name; empty if the request is about none. */
  String streamOf(KinesisRequest<?> request) {
    if (request instanceof RecordCall.GetRecords get && get.shardIterator() != null) {
      return records.streamOf(get.shardIterator());
    }
    if (request instanceof ConsumerCall<?> call) {
      String consumerArn = consumerArnOf(call);
      if (consumerArn != null) {
        return Account.streamInConsumerArn(consumerArn);
      }
    }
    if (request.stream().isEmpty()) {
      return "";
    }
    try {
      return account.nameOf(request.stream());
    } catch (KinesisError e) {
      return "";
    }
  }

  /** What parts the rates of calls further than the stream. */
  String scopeOf(KinesisRequest<?> request) {
    if (request instanceof RecordCall.GetShardIterator get) {
      return String.valueOf(get.shardId());
    }
    if (request instanceof ConsumerCall.SubscribeToShard subscribe) {
      return subscribe.consumerArn() + "/" + subscribe.shardId();
    }
    return "";
  }

  /** The one shard that a request is about. */
  @Nullable String shardOf(KinesisRequest<?> request, @Nullable Object reply) {
    if (reply instanceof RecordCall.PutRecordReply put) {
      return put.shardId();
    }
    if (request instanceof RecordCall.GetRecords get) {
      return get.shardIterator() == null ? null : records.shardOf(get.shardIterator());
    }
    if (request instanceof RecordCall.GetShardIterator get) {
      return get.shardId();
    }
    if (request instanceof ConsumerCall.SubscribeToShard subscribe) {
      return subscribe.shardId();
    }
    return request instanceof ShardCall.SplitShard split ? split.shardToSplit() : null;
  }

  private boolean touches(KinesisRequest<?> request, String shardId) {
    if (request instanceof RecordCall.PutRecords put) {
      return put.entries().stream().anyMatch(entry -> goesTo(request, entry, shardId));
    }
    if (request instanceof RecordCall.PutRecord put) {
      PutEntry entry = new PutEntry(put.data(), put.partitionKey(), put.explicitHashKey());
      return goesTo(request, entry, shardId);
    }
    if (request instanceof ShardCall.MergeShards merge) {
      return shardId.equals(merge.shardToMerge()) || shardId.equals(merge.adjacentShardToMerge());
    }
    return Objects.equals(shardId, shardOf(request, null));
  }

  private boolean goesTo(KinesisRequest<?> request, PutEntry entry, String shardId) {
    try {
      StreamState stream = account.stream(request.stream());
      return shardId.equals(records.shardOf(stream, entry));
    } catch (KinesisError e) {
      return false;
    }
  }

  private static @Nullable String consumerArnOf(ConsumerCall<?> call) {
    if (call instanceof ConsumerCall.SubscribeToShard subscribe) {
      return subscribe.consumerArn();
    }
    if (call instanceof ConsumerCall.DescribeStreamConsumer describe) {
      return describe.consumerArn();
    }
    return call instanceof ConsumerCall.DeregisterStreamConsumer deregister
        ? deregister.consumerArn()
        : null;
  }
}
