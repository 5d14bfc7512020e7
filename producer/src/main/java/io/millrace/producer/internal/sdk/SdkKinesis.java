package io.millrace.producer.internal.sdk;

import io.millrace.model.HashRange;
import io.millrace.model.SequenceNumber;
import io.millrace.model.ShardId;
import io.millrace.producer.KinesisLimits;
import io.millrace.producer.ProducerSettings.Distribution;
import io.millrace.producer.internal.send.EntryReply;
import io.millrace.producer.internal.send.KinesisCallException;
import io.millrace.producer.internal.send.KinesisPort;
import io.millrace.producer.internal.send.PutEntry;
import io.millrace.producer.internal.send.PutRecordsReply;
import io.millrace.producer.internal.send.ShardDescription;
import io.millrace.producer.internal.send.StreamAddress;
import io.millrace.producer.internal.send.StreamSummary;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.awscore.AwsResponseMetadata;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.DescribeStreamSummaryRequest;
import software.amazon.awssdk.services.kinesis.model.DescribeStreamSummaryResponse;
import software.amazon.awssdk.services.kinesis.model.KinesisResponse;
import software.amazon.awssdk.services.kinesis.model.ListShardsRequest;
import software.amazon.awssdk.services.kinesis.model.ListShardsResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequest;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResultEntry;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardFilterType;

/** {@link KinesisPort} on an SDK client that somebody else owns. Thread-safe. */
@SuppressWarnings("FutureReturnValueIgnored") // dependents only relay to a future that is returned
public final class SdkKinesis implements KinesisPort {
  private static final int MAX_PAGES = 1_000;

  private final KinesisAsyncClient client;
  private final RequestSettings settings;
  private final String region;

  /** Adapts a client of which this is known. */
  public SdkKinesis(KinesisAsyncClient client, ClientTraits traits) {
    this.client = client;
    this.settings = new RequestSettings(traits);
    this.region = traits.region();
  }

  @Override
  public String location() {
    return region;
  }

  @Override
  public CompletableFuture<PutRecordsReply> putRecords(
      StreamAddress stream, List<PutEntry> entries) {
    return call(
        () -> client.putRecords(putRequest(stream, entries)),
        response -> putReply(response, entries.size()));
  }

  @Override
  public CompletableFuture<List<ShardDescription>> listShards(StreamAddress stream) {
    return new ShardPages(stream).read();
  }

  @Override
  public CompletableFuture<StreamSummary> describeStreamSummary(StreamAddress stream) {
    ResponseTap tap = new ResponseTap();
    DescribeStreamSummaryRequest.Builder request =
        DescribeStreamSummaryRequest.builder().overrideConfiguration(settings.tapped(tap));
    if (stream.isArn()) {
      request.streamARN(stream.text());
    } else {
      request.streamName(stream.text());
    }
    return call(
        () -> client.describeStreamSummary(request.build()), response -> summary(response, tap));
  }

  private PutRecordsRequest putRequest(StreamAddress stream, List<PutEntry> entries) {
    List<PutRecordsRequestEntry> records = new ArrayList<>(entries.size());
    for (PutEntry entry : entries) {
      PutRecordsRequestEntry.Builder record =
          PutRecordsRequestEntry.builder().data(SdkBytes.fromByteArrayUnsafe(entry.data()));
      if (entry.partitionKey() != null) {
        record.partitionKey(entry.partitionKey());
      }
      if (entry.explicitHashKey() != null) {
        record.explicitHashKey(entry.explicitHashKey().toString());
      }
      records.add(record.build());
    }
    PutRecordsRequest.Builder request =
        PutRecordsRequest.builder().records(records).overrideConfiguration(settings.common());
    return stream.isArn()
        ? request.streamARN(stream.text()).build()
        : request.streamName(stream.text()).build();
  }

  private static PutRecordsReply putReply(PutRecordsResponse response, int expected) {
    List<EntryReply> entries = new ArrayList<>(expected);
    for (PutRecordsResultEntry result : response.records()) {
      entries.add(entryReply(result));
    }
    return new PutRecordsReply(
        response.sdkHttpResponse() == null ? 0 : response.sdkHttpResponse().statusCode(),
        requestId(response),
        entries);
  }

  private static EntryReply entryReply(PutRecordsResultEntry result) {
    String sequenceNumber = result.sequenceNumber();
    if (sequenceNumber != null && !sequenceNumber.isEmpty() && result.shardId() != null) {
      return new EntryReply.Stored(
          new ShardId(result.shardId()), SequenceNumber.of(sequenceNumber));
    }
    return new EntryReply.Rejected(
        result.errorCode() == null ? "NoErrorCode" : result.errorCode(),
        result.errorMessage() == null ? "" : result.errorMessage());
  }

  private static String requestId(KinesisResponse response) {
    AwsResponseMetadata metadata = response.responseMetadata();
    return metadata == null || metadata.requestId() == null ? "" : metadata.requestId();
  }

  private static StreamSummary summary(DescribeStreamSummaryResponse response, ResponseTap tap) {
    Integer maxKiB = response.streamDescriptionSummary().maxRecordSizeInKiB();
    int maxRecordBytes =
        maxKiB == null ? KinesisLimits.RECORD_DEFAULT_MAX_BYTES : Math.multiplyExact(maxKiB, 1024);
    // A successful answer without the field comes from before the field existed, or from a
    // provisioned stream: both mean that the record's key decides.
    Distribution distribution =
        tap.textField("RecordDistributionStrategy").filter("AUTO"::equals).isPresent()
            ? Distribution.AUTO
            : Distribution.USER_PARTITION_KEY;
    return new StreamSummary(distribution, maxRecordBytes);
  }

  /** Makes a call; gives it up when the returned future is cancelled. */
  private static <R, T> CompletableFuture<T> call(
      Supplier<CompletableFuture<R>> start, Function<R, T> read) {
    CompletableFuture<T> result = new CompletableFuture<>();
    CompletableFuture<R> call;
    try {
      call = start.get();
    } catch (RuntimeException e) {
      result.completeExceptionally(new KinesisCallException(SdkFailures.of(e)));
      return result;
    }
    call.whenComplete((response, failure) -> complete(result, response, failure, read));
    result.whenComplete(
        (value, failure) -> {
          if (result.isCancelled()) {
            call.cancel(true);
          }
        });
    return result;
  }

  private static <R, T> void complete(
      CompletableFuture<T> result,
      @Nullable R response,
      @Nullable Throwable failure,
      Function<R, T> read) {
    try {
      if (response == null) {
        Throwable reason =
            failure == null ? new IllegalStateException("the SDK gave no response") : failure;
        result.completeExceptionally(new KinesisCallException(SdkFailures.of(reason)));
      } else {
        result.complete(read.apply(response));
      }
    } catch (RuntimeException e) {
      result.completeExceptionally(new KinesisCallException(SdkFailures.unreadable(e)));
    }
  }

  /** Reads ListShards page by page. */
  private final class ShardPages {
    private final StreamAddress stream;
    private final List<ShardDescription> shards = new ArrayList<>();
    private final CompletableFuture<List<ShardDescription>> result = new CompletableFuture<>();
    private int pages;

    ShardPages(StreamAddress stream) {
      this.stream = stream;
    }

    CompletableFuture<List<ShardDescription>> read() {
      ListShardsRequest.Builder first =
          ListShardsRequest.builder().shardFilter(f -> f.type(ShardFilterType.AT_LATEST));
      page(stream.isArn() ? first.streamARN(stream.text()) : first.streamName(stream.text()));
      return result;
    }

    private void page(ListShardsRequest.Builder request) {
      AwsRequestOverrideConfiguration common = settings.common();
      CompletableFuture<ListShardsResponse> page =
          call(
              () ->
                  client.listShards(
                      request
                          .maxResults(KinesisLimits.LIST_SHARDS_PAGE)
                          .overrideConfiguration(common)
                          .build()),
              Function.identity());
      result.whenComplete(
          (value, failure) -> {
            if (result.isCancelled()) {
              page.cancel(true);
            }
          });
      page.whenComplete(
          (response, failure) -> {
            if (failure != null) {
              result.completeExceptionally(failure);
            } else {
              add(response);
            }
          });
    }

    private void add(ListShardsResponse response) {
      try {
        for (Shard shard : response.shards()) {
          boolean open =
              shard.sequenceNumberRange() == null
                  || shard.sequenceNumberRange().endingSequenceNumber() == null;
          if (open) {
            shards.add(
                new ShardDescription(
                    new ShardId(shard.shardId()),
                    HashRange.parse(
                        shard.hashKeyRange().startingHashKey(),
                        shard.hashKeyRange().endingHashKey())));
          }
        }
      } catch (RuntimeException e) {
        result.completeExceptionally(new KinesisCallException(SdkFailures.unreadable(e)));
        return;
      }
      pages++;
      String next = response.nextToken();
      if (next == null || pages == MAX_PAGES) {
        result.complete(List.copyOf(shards));
      } else if (!result.isDone()) {
        page(ListShardsRequest.builder().nextToken(next));
      }
    }
  }
}
