package io.millrace.simulation.storm;

import io.millrace.consumer.internal.fetch.ChildShard;
import io.millrace.consumer.internal.fetch.FetchPort;
import io.millrace.consumer.internal.fetch.FetchedRecords;
import io.millrace.consumer.internal.fetch.KinesisFault;
import io.millrace.consumer.internal.fetch.KinesisRecord;
import io.millrace.consumer.internal.fetch.ReadFrom;
import io.millrace.consumer.internal.fetch.Reply;
import io.millrace.consumer.internal.fetch.StreamPort;
import io.millrace.consumer.lease.StreamIdentity;
import io.millrace.model.HashKey;
import io.millrace.model.HashRange;
import io.millrace.model.SequenceNumber;
import io.millrace.model.ShardId;
import io.millrace.simulation.storm.SimulatedWire.Seen;
import io.millrace.testkit.kinesis.call.KinesisRequest;
import io.millrace.testkit.kinesis.call.RecordCall.GetRecords;
import io.millrace.testkit.kinesis.call.RecordCall.GetRecordsReply;
import io.millrace.testkit.kinesis.call.RecordCall.GetShardIterator;
import io.millrace.testkit.kinesis.call.ShardCall.ListShards;
import io.millrace.testkit.kinesis.call.StreamCall.DescribeStreamSummary;
import io.millrace.testkit.kinesis.model.ErrorCode;
import io.millrace.testkit.kinesis.model.KinesisError;
import io.millrace.testkit.kinesis.model.ShardInfo;
import io.millrace.testkit.kinesis.model.StartingPosition;
import io.millrace.testkit.kinesis.model.StreamRef;
import io.millrace.testkit.kinesis.model.StreamStatus;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A worker's view of the simulated Kinesis: the consumer's ports over a {@link SimulatedWire}. */
final class SimulatedReads implements FetchPort, StreamPort {
  private final SimulatedWire wire;

  SimulatedReads(SimulatedWire wire) {
    this.wire = wire;
  }

  @Override
  public CompletionStage<Reply<String>> shardIterator(
      String streamArn, ShardId shard, ReadFrom from) {
    return call(
        new GetShardIterator(StreamRef.ofArn(streamArn), shard.value(), positionOf(from)),
        reply -> reply.shardIterator());
  }

  @Override
  public CompletionStage<Reply<FetchedRecords>> read(
      String streamArn, String shardIterator, int limit) {
    return call(
        new GetRecords(StreamRef.ofArn(streamArn), shardIterator, limit),
        SimulatedReads::fetchedFrom);
  }

  @Override
  public CompletionStage<Reply<StreamPort.StreamDescription>> describeStream(String nameOrArn) {
    return call(
        new DescribeStreamSummary(refOf(nameOrArn)), reply -> descriptionFrom(reply.description()));
  }

  @Override
  public CompletionStage<Reply<ShardPage>> listShards(
      String streamArn, Optional<String> nextToken) {
    ListShards request =
        nextToken
            .map(ListShards::next)
            .orElseGet(() -> ListShards.of(StreamRef.ofArn(streamArn), null));
    return call(
        request,
        reply ->
            new ShardPage(
                reply.shards().stream().map(SimulatedReads::listingFrom).toList(),
                Optional.ofNullable(reply.nextToken()),
                wire.time().now().truncatedTo(ChronoUnit.SECONDS)));
  }

  private <R, T> CompletionStage<Reply<T>> call(
      KinesisRequest<R> request, Function<R, T> translation) {
    CompletableFuture<Reply<T>> result = new CompletableFuture<>();
    wire.call(request, seen -> result.complete(translate(seen, translation)));
    return result;
  }

  private static <R, T> Reply<T> translate(Seen<R> seen, Function<R, T> translation) {
    if (seen instanceof Seen.Answered<R> answered) {
      return new Reply.Ok<>(translation.apply(answered.reply()));
    }
    if (seen instanceof Seen.Refused<R> refused) {
      return new Reply.Failed<>(faultOf(refused.error()));
    }
    String code = seen instanceof Seen.Reset<R> ? "ConnectionReset" : "TimeOut";
    return new Reply.Failed<>(
        new KinesisFault(KinesisFault.Kind.TRANSIENT, code, "no reply that can be used"));
  }

  private static StreamRef refOf(String nameOrArn) {
    return nameOrArn.startsWith("arn:") ? StreamRef.ofArn(nameOrArn) : StreamRef.ofName(nameOrArn);
  }

  private static StreamPort.StreamDescription descriptionFrom(
      io.millrace.testkit.kinesis.call.StreamCall.StreamDescription stream) {
    return new StreamPort.StreamDescription(
        new StreamIdentity(stream.streamArn(), stream.creationTimestamp()),
        stream.status() == StreamStatus.ACTIVE || stream.status() == StreamStatus.UPDATING,
        Duration.ofHours(stream.retentionPeriodHours()));
  }

  private static ShardListing listingFrom(ShardInfo shard) {
    Set<ShardId> parents = new HashSet<>();
    if (shard.parentShardId() != null) {
      parents.add(new ShardId(shard.parentShardId()));
    }
    if (shard.adjacentParentShardId() != null) {
      parents.add(new ShardId(shard.adjacentParentShardId()));
    }
    return new ShardListing(
        new ShardId(shard.shardId()),
        parents,
        rangeOf(shard.startingHashKey(), shard.endingHashKey()),
        !shard.isOpen());
  }

  private static FetchedRecords fetchedFrom(GetRecordsReply reply) {
    return new FetchedRecords(
        reply.records().stream()
            .map(
                record ->
                    new KinesisRecord(
                        SequenceNumber.of(record.sequenceNumber()),
                        Objects.requireNonNull(record.partitionKey()),
                        record.approximateArrivalTimestamp(),
                        record.data().asReadOnlyBuffer()))
            .toList(),
        Optional.ofNullable(reply.nextShardIterator()),
        Duration.ofMillis(reply.millisBehindLatest()),
        reply.childShards().stream().map(SimulatedReads::childFrom).toList());
  }

  private static ChildShard childFrom(io.millrace.testkit.kinesis.model.ChildShard child) {
    return new ChildShard(
        new ShardId(child.shardId()),
        child.parentShardIds().stream().map(ShardId::new).collect(Collectors.toSet()),
        rangeOf(child.startingHashKey(), child.endingHashKey()));
  }

  private static HashRange rangeOf(String start, String end) {
    return new HashRange(HashKey.parse(start), HashKey.parse(end));
  }

  private static StartingPosition positionOf(ReadFrom from) {
    if (from instanceof ReadFrom.At at) {
      return StartingPosition.at(at.sequenceNumber().toString());
    }
    if (from instanceof ReadFrom.After after) {
      return StartingPosition.after(after.sequenceNumber().toString());
    }
    if (from instanceof ReadFrom.AtTimestamp timestamp) {
      return StartingPosition.at(timestamp.timestamp());
    }
    return from instanceof ReadFrom.Latest
        ? StartingPosition.latest()
        : StartingPosition.trimHorizon();
  }

  private static KinesisFault faultOf(KinesisError error) {
    return new KinesisFault(kindOf(error.code()), error.code().wireName(), error.detail());
  }

  private static KinesisFault.Kind kindOf(ErrorCode code) {
    return switch (code) {
      case PROVISIONED_THROUGHPUT_EXCEEDED, THROTTLING, LIMIT_EXCEEDED, KMS_THROTTLING ->
          KinesisFault.Kind.THROTTLED;
      case EXPIRED_ITERATOR -> KinesisFault.Kind.EXPIRED_ITERATOR;
      case RESOURCE_NOT_FOUND -> KinesisFault.Kind.NOT_FOUND;
      case RESOURCE_IN_USE -> KinesisFault.Kind.IN_USE;
      case ACCESS_DENIED, EXPIRED_TOKEN, UNRECOGNIZED_CLIENT -> KinesisFault.Kind.DENIED;
      case KMS_ACCESS_DENIED, KMS_DISABLED, KMS_INVALID_STATE, KMS_NOT_FOUND, KMS_OPT_IN_REQUIRED ->
          KinesisFault.Kind.KEY_UNAVAILABLE;
      case EXPIRED_NEXT_TOKEN, INVALID_ARGUMENT, UNKNOWN_OPERATION, VALIDATION ->
          KinesisFault.Kind.INVALID;
      case INTERNAL_FAILURE, SERVICE_UNAVAILABLE -> KinesisFault.Kind.TRANSIENT;
    };
  }
}
