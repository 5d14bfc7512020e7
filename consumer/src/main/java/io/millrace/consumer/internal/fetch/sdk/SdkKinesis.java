package io.millrace.consumer.internal.fetch.sdk;

import io.millrace.consumer.internal.fetch.FanOutPort;
import io.millrace.consumer.internal.fetch.FetchPort;
import io.millrace.consumer.internal.fetch.FetchedRecords;
import io.millrace.consumer.internal.fetch.KinesisFault;
import io.millrace.consumer.internal.fetch.ReadFrom;
import io.millrace.consumer.internal.fetch.Reply;
import io.millrace.consumer.internal.fetch.StreamPort;
import io.millrace.consumer.lease.StreamIdentity;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.ConsumerStatus;
import software.amazon.awssdk.services.kinesis.model.DescribeStreamSummaryRequest;
import software.amazon.awssdk.services.kinesis.model.GetRecordsRequest;
import software.amazon.awssdk.services.kinesis.model.GetShardIteratorRequest;
import software.amazon.awssdk.services.kinesis.model.ListShardsRequest;
import software.amazon.awssdk.services.kinesis.model.ListShardsResponse;
import software.amazon.awssdk.services.kinesis.model.StreamDescriptionSummary;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardRequest;

/** Kinesis through the application's own client, which is never closed here. Thread-safe. */
public final class SdkKinesis implements FetchPort, FanOutPort, StreamPort {
  private static final int SHARDS_PER_PAGE = 1_000;

  private final KinesisAsyncClient client;
  private final AwsRequestOverrideConfiguration oneAnswer;
  private final AwsRequestOverrideConfiguration streaming;
  private final SdkFaults faults;
  private final InstantSource wallClock;

  /**
   * Creates the adapter.
   *
   * @param client the application's
   * @param timeout of every request with one answer
   * @param wallClock for endpoints that don't tell arrival times or their own time
   */
  public SdkKinesis(KinesisAsyncClient client, Duration timeout, InstantSource wallClock) {
    this.client = client;
    this.faults = SdkFaults.of(client);
    this.oneAnswer = RequestSettings.within(timeout);
    this.streaming = RequestSettings.streaming();
    this.wallClock = wallClock;
  }

  @Override
  public CompletionStage<Reply<String>> shardIterator(
      String streamArn, ShardId shard, ReadFrom from) {
    GetShardIteratorRequest request =
        GetShardIteratorRequest.builder()
            .streamARN(streamArn)
            .shardId(shard.value())
            .shardIteratorType(SdkConversions.type(from))
            .startingSequenceNumber(SdkConversions.sequenceNumber(from))
            .timestamp(SdkConversions.timestamp(from))
            .overrideConfiguration(oneAnswer)
            .build();
    return reply(
        "kinesis:GetShardIterator",
        () -> client.getShardIterator(request),
        response -> response.shardIterator());
  }

  @Override
  public CompletionStage<Reply<FetchedRecords>> read(
      String streamArn, String shardIterator, int limit) {
    GetRecordsRequest request =
        GetRecordsRequest.builder()
            .streamARN(streamArn)
            .shardIterator(shardIterator)
            .limit(limit)
            .overrideConfiguration(oneAnswer)
            .build();
    return reply(
        "kinesis:GetRecords",
        () -> client.getRecords(request),
        response -> SdkConversions.answer(response, wallClock.instant()));
  }

  @Override
  public CompletionStage<Reply<StreamConsumerInfo>> describeConsumer(
      String streamArn, String name) {
    return reply(
        "kinesis:DescribeStreamConsumer",
        () ->
            client.describeStreamConsumer(
                request ->
                    request
                        .streamARN(streamArn)
                        .consumerName(name)
                        .overrideConfiguration(oneAnswer)),
        response ->
            new StreamConsumerInfo(
                response.consumerDescription().consumerARN(),
                response.consumerDescription().consumerStatus() == ConsumerStatus.ACTIVE));
  }

  @Override
  public CompletionStage<Reply<StreamConsumerInfo>> registerConsumer(
      String streamArn, String name) {
    return reply(
        "kinesis:RegisterStreamConsumer",
        () ->
            client.registerStreamConsumer(
                request ->
                    request
                        .streamARN(streamArn)
                        .consumerName(name)
                        .overrideConfiguration(oneAnswer)),
        response ->
            new StreamConsumerInfo(
                response.consumer().consumerARN(),
                response.consumer().consumerStatus() == ConsumerStatus.ACTIVE));
  }

  @Override
  public Subscription subscribe(
      String consumerArn, ShardId shard, ReadFrom from, Listener listener) {
    SubscribeToShardRequest request =
        SubscribeToShardRequest.builder()
            .consumerARN(consumerArn)
            .shardId(shard.value())
            .startingPosition(SdkConversions.startingPosition(from))
            .overrideConfiguration(streaming)
            .build();
    SdkSubscription subscription = new SdkSubscription(listener, faults, wallClock);
    subscription.start(() -> client.subscribeToShard(request, subscription));
    return subscription;
  }

  @Override
  public CompletionStage<Reply<StreamDescription>> describeStream(String nameOrArn) {
    boolean arn = nameOrArn.startsWith("arn:");
    DescribeStreamSummaryRequest request =
        DescribeStreamSummaryRequest.builder()
            .streamName(arn ? null : nameOrArn)
            .streamARN(arn ? nameOrArn : null)
            .overrideConfiguration(oneAnswer)
            .build();
    return reply(
        "kinesis:DescribeStreamSummary",
        () -> client.describeStreamSummary(request),
        response -> description(response.streamDescriptionSummary()));
  }

  private static StreamDescription description(StreamDescriptionSummary summary) {
    return new StreamDescription(
        new StreamIdentity(summary.streamARN(), summary.streamCreationTimestamp()),
        summary.streamStatus() == StreamStatus.ACTIVE
            || summary.streamStatus() == StreamStatus.UPDATING,
        Duration.ofHours(summary.retentionPeriodHours()));
  }

  @Override
  public CompletionStage<Reply<ShardPage>> listShards(
      String streamArn, Optional<String> nextToken) {
    // A page that is fetched by its token must not repeat the stream.
    ListShardsRequest request =
        ListShardsRequest.builder()
            .streamARN(nextToken.isPresent() ? null : streamArn)
            .nextToken(nextToken.orElse(null))
            .maxResults(SHARDS_PER_PAGE)
            .overrideConfiguration(oneAnswer)
            .build();
    return reply("kinesis:ListShards", () -> client.listShards(request), this::page);
  }

  private ShardPage page(ListShardsResponse response) {
    return new ShardPage(
        response.shards().stream().map(SdkConversions::listing).toList(),
        Optional.ofNullable(response.nextToken()),
        serviceTime(response));
  }

  private Instant serviceTime(ListShardsResponse response) {
    return response
        .sdkHttpResponse()
        .firstMatchingHeader("Date")
        .flatMap(SdkKinesis::parseDate)
        .orElseGet(wallClock::instant);
  }

  private static Optional<Instant> parseDate(String text) {
    try {
      return Optional.of(
          ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /** Sends, and turns both the answer and every failure into a reply. */
  private <A, T> CompletionStage<Reply<T>> reply(
      String action, Supplier<CompletableFuture<A>> send, Function<A, T> convert) {
    CompletableFuture<A> answer;
    try {
      answer = send.get();
    } catch (RuntimeException e) {
      return CompletableFuture.completedFuture(new Reply.Failed<>(faults.of(action, e)));
    }
    return answer.handle(
        (value, error) -> {
          if (error != null) {
            return new Reply.Failed<T>(faults.of(action, error));
          }
          try {
            return new Reply.Ok<>(convert.apply(value));
          } catch (RuntimeException e) {
            // An endpoint that answers nonsense is repeated like one that fails.
            return new Reply.Failed<T>(
                new KinesisFault(
                    KinesisFault.Kind.TRANSIENT, "MalformedAnswer", e.getClass().getName()));
          }
        });
  }
}
