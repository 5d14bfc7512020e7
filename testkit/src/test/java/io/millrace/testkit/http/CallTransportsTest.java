package io.millrace.testkit.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.testkit.kinesis.call.Delivery;
import io.millrace.testkit.kinesis.call.Empty;
import io.millrace.testkit.kinesis.call.RecordCall;
import io.millrace.testkit.kinesis.call.RecordCall.PutResult;
import io.millrace.testkit.kinesis.call.ShardCall;
import io.millrace.testkit.kinesis.call.StreamCall;
import io.millrace.testkit.kinesis.model.ChildShard;
import io.millrace.testkit.kinesis.model.EncryptionType;
import io.millrace.testkit.kinesis.model.ErrorCode;
import io.millrace.testkit.kinesis.model.KinesisError;
import io.millrace.testkit.kinesis.model.KinesisRecord;
import io.millrace.testkit.kinesis.model.ShardInfo;
import io.millrace.testkit.kinesis.model.StreamMode;
import io.millrace.testkit.kinesis.model.StreamRef;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.ExpiredIteratorException;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.KinesisException;
import software.amazon.awssdk.services.kinesis.model.ListShardsResponse;
import software.amazon.awssdk.services.kinesis.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;
import software.amazon.awssdk.services.kinesis.model.ShardFilterType;

/** Calls by real SDK clients, over every transport and in both formats. */
class CallTransportsTest extends TransportFixture {
  @ParameterizedTest
  @MethodSource("transportsAndFormats")
  void recordsAndTheirOutcomesPassUnchanged(Transport transport, boolean cbor) {
    KinesisAsyncClient client = client(transport, cbor);
    byte[] data = randomBytes(50_000);
    core.answers(
        new RecordCall.PutRecordsReply(
            List.of(
                PutResult.stored("shardId-000000000001", "49590338271490256608559692538361571095"),
                PutResult.failed(
                    ErrorCode.PROVISIONED_THROUGHPUT_EXCEEDED, "Rate exceeded for shard")),
            1,
            EncryptionType.NONE));

    PutRecordsResponse response =
        client
            .putRecords(
                r ->
                    r.streamName("clicks")
                        .records(
                            entry("schlüssel \uD83D\uDE00", data),
                            entry("k", new byte[0]).toBuilder().explicitHashKey("42").build()))
            .join();

    RecordCall.PutRecords request = core.took(RecordCall.PutRecords.class);
    assertThat(request.stream().name()).isEqualTo("clicks");
    assertThat(request.stream().arn()).isNull();
    assertThat(request.entries().get(0).data()).isEqualTo(ByteBuffer.wrap(data));
    assertThat(request.entries().get(0).partitionKey()).isEqualTo("schlüssel \uD83D\uDE00");
    assertThat(request.entries().get(0).explicitHashKey()).isNull();
    assertThat(request.entries().get(1).data()).isEqualTo(ByteBuffer.allocate(0));
    assertThat(request.entries().get(1).explicitHashKey()).isEqualTo("42");
    assertThat(response.failedRecordCount()).isEqualTo(1);
    assertThat(response.records().get(0).sequenceNumber())
        .isEqualTo("49590338271490256608559692538361571095");
    assertThat(response.records().get(0).shardId()).isEqualTo("shardId-000000000001");
    assertThat(response.records().get(0).errorCode()).isNull();
    assertThat(response.records().get(1).errorCode())
        .isEqualTo("ProvisionedThroughputExceededException");
    assertThat(response.records().get(1).errorMessage()).isEqualTo("Rate exceeded for shard");
    assertThat(response.records().get(1).sequenceNumber()).isNull();
  }

  @ParameterizedTest
  @MethodSource("transportsAndFormats")
  void readRecordsKeepTheirTimesAndChildren(Transport transport, boolean cbor) {
    KinesisAsyncClient client = client(transport, cbor);
    byte[] data = randomBytes(1000);
    core.answers(
        new RecordCall.GetRecordsReply(
            List.of(new KinesisRecord("7", TIME, ByteBuffer.wrap(data), "key", EncryptionType.KMS)),
            null,
            1234,
            List.of(new ChildShard("shardId-000000000002", List.of("a", "b"), "0", "99"))));

    GetRecordsResponse response =
        client.getRecords(r -> r.shardIterator("iterator").limit(17)).join();

    assertThat(core.took(RecordCall.GetRecords.class))
        .isEqualTo(new RecordCall.GetRecords(StreamRef.NONE, "iterator", 17));
    Record record = response.records().get(0);
    assertThat(record.sequenceNumber()).isEqualTo("7");
    assertThat(record.approximateArrivalTimestamp()).isEqualTo(TIME);
    assertThat(record.data().asByteArray()).isEqualTo(data);
    assertThat(record.partitionKey()).isEqualTo("key");
    assertThat(record.encryptionTypeAsString()).isEqualTo("KMS");
    assertThat(response.nextShardIterator()).isNull();
    assertThat(response.millisBehindLatest()).isEqualTo(1234);
    assertThat(response.childShards().get(0).parentShards()).containsExactly("a", "b");
    assertThat(response.childShards().get(0).hashKeyRange().endingHashKey()).isEqualTo("99");
  }

  @ParameterizedTest
  @MethodSource("transportsAndFormats")
  void requestTimesArriveToTheMillisecond(Transport transport, boolean cbor) {
    KinesisAsyncClient client = client(transport, cbor);
    core.answers(
        new ShardCall.ListShardsReply(
            List.of(new ShardInfo("shardId-000000000000", null, null, "0", "9", "1", null)),
            "token"));

    ListShardsResponse response =
        client
            .listShards(
                r ->
                    r.streamARN("arn:aws:kinesis:us-east-1:000000000000:stream/s")
                        .shardFilter(f -> f.type(ShardFilterType.FROM_TIMESTAMP).timestamp(TIME)))
            .join();

    ShardCall.ListShards request = core.took(ShardCall.ListShards.class);
    assertThat(request.stream().arn()).endsWith("stream/s");
    assertThat(request.filter())
        .isEqualTo(
            new ShardCall.ShardFilter(ShardCall.ShardFilter.Type.FROM_TIMESTAMP, null, TIME));
    assertThat(response.nextToken()).isEqualTo("token");
    assertThat(response.shards().get(0).parentShardId()).isNull();
    assertThat(response.shards().get(0).sequenceNumberRange().endingSequenceNumber()).isNull();
  }

  @ParameterizedTest
  @MethodSource("transportsAndFormats")
  void errorsBecomeTheSdksExceptions(Transport transport, boolean cbor) {
    KinesisAsyncClient client = client(transport, cbor);
    core.refuses(new KinesisError(ErrorCode.RESOURCE_NOT_FOUND, "Stream x not found."));
    assertThatThrownBy(() -> client.describeStreamSummary(r -> r.streamName("x")).join())
        .cause()
        .isInstanceOf(ResourceNotFoundException.class)
        .hasMessageContaining("Stream x not found.")
        .satisfies(
            e -> {
              KinesisException error = (KinesisException) e;
              assertThat(error.statusCode()).isEqualTo(400);
              assertThat(error.requestId()).isNotEmpty();
            });
    core.refuses(new KinesisError(ErrorCode.PROVISIONED_THROUGHPUT_EXCEEDED, "slow down"));
    assertThatThrownBy(() -> client.getRecords(r -> r.shardIterator("i")).join())
        .hasCauseInstanceOf(ProvisionedThroughputExceededException.class);
    core.refuses(new KinesisError(ErrorCode.EXPIRED_ITERATOR, "expired"));
    assertThatThrownBy(() -> client.getRecords(r -> r.shardIterator("i")).join())
        .hasCauseInstanceOf(ExpiredIteratorException.class);
    core.refuses(new KinesisError(ErrorCode.INTERNAL_FAILURE, "sorry"));
    assertThatThrownBy(() -> client.getRecords(r -> r.shardIterator("i")).join())
        .cause()
        .isInstanceOfSatisfying(
            KinesisException.class,
            error -> {
              assertThat(error.statusCode()).isEqualTo(500);
              assertThat(error.awsErrorDetails().errorCode()).isEqualTo("InternalFailure");
            });
  }

  /** Over HTTP/2 the SDK takes a stream that is reset for one that ended well. */
  @ParameterizedTest
  @EnumSource
  void tenMebibytesPassInBothDirections(Transport transport) {
    KinesisAsyncClient client = client(transport, true);
    byte[] data = randomBytes(1 << 20);
    core.answers(
        new RecordCall.PutRecordsReply(
            Collections.nCopies(10, PutResult.stored("shardId-000000000000", "1")),
            0,
            EncryptionType.NONE));
    client
        .putRecords(r -> r.streamName("s").records(Collections.nCopies(10, entry("k", data))))
        .join();
    assertThat(core.took(RecordCall.PutRecords.class).entries())
        .hasSize(10)
        .allSatisfy(e -> assertThat(e.data()).isEqualTo(ByteBuffer.wrap(data)));

    KinesisRecord record =
        new KinesisRecord("1", TIME, ByteBuffer.wrap(data), "k", EncryptionType.NONE);
    core.answers(
        new RecordCall.GetRecordsReply(Collections.nCopies(10, record), "next", 0, List.of()));
    assertThat(client.getRecords(r -> r.shardIterator("i")).join().records())
        .hasSize(10)
        .allSatisfy(r -> assertThat(r.data().asByteArrayUnsafe()).isEqualTo(data));
  }

  @ParameterizedTest
  @EnumSource
  void hundredRequestsAreAnsweredSideBySide(Transport transport) {
    KinesisAsyncClient client = client(transport, true);
    core.does(
        request ->
            new Delivery.Answer<>(
                new RecordCall.GetShardIteratorReply(
                    ((RecordCall.GetShardIterator) request).shardId()),
                Duration.ofMillis(20).toNanos()));

    List<CompletableFuture<String>> calls = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      String shard = "shard-" + i;
      calls.add(
          client
              .getShardIterator(
                  r -> r.streamName("s").shardId(shard).shardIteratorType("TRIM_HORIZON"))
              .thenApply(r -> r.shardIterator()));
    }

    for (int i = 0; i < 100; i++) {
      assertThat(calls.get(i).join()).isEqualTo("shard-" + i);
    }
  }

  @ParameterizedTest
  @EnumSource
  void silenceLastsUntilTheClientGivesUp(Transport transport) {
    KinesisAsyncClient client = client(transport, true);
    core.delivers(new Delivery.Silence<>(0));
    assertThatThrownBy(
            () ->
                client
                    .getRecords(
                        r ->
                            r.shardIterator("i")
                                .overrideConfiguration(
                                    o -> o.apiCallAttemptTimeout(Duration.ofMillis(300))))
                    .join())
        .hasCauseInstanceOf(ApiCallAttemptTimeoutException.class);

    core.answers(Empty.EMPTY);
    client.deleteStream(r -> r.streamName("s")).join();
  }

  @ParameterizedTest
  @EnumSource
  void resetFailsTheCallAndTheNextOneGoesThrough(Transport transport) {
    KinesisAsyncClient client = client(transport, true);
    core.answers(Empty.EMPTY);
    client.deleteStream(r -> r.streamName("s")).join();
    core.delivers(new Delivery.Reset<>(0));
    assertThatThrownBy(() -> client.deleteStream(r -> r.streamName("s")).join())
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOf(SdkClientException.class);

    core.answers(Empty.EMPTY);
    client.deleteStream(r -> r.streamName("s")).join();
  }

  @ParameterizedTest
  @MethodSource("transportsAndFormats")
  void streamsAreCreatedWithEverySetting(Transport transport, boolean cbor) {
    KinesisAsyncClient client = client(transport, cbor);
    core.answers(Empty.EMPTY);

    client
        .createStream(
            r ->
                r.streamName("s")
                    .shardCount(3)
                    .streamModeDetails(m -> m.streamMode("ON_DEMAND"))
                    .tags(Map.of("a", "b"))
                    .maxRecordSizeInKiB(2048)
                    .warmThroughputMiBps(7))
        .join();

    assertThat(core.took(StreamCall.CreateStream.class))
        .isEqualTo(
            new StreamCall.CreateStream(
                "s", 3, StreamMode.ON_DEMAND, Map.of("a", "b"), 2048, null, 7));
  }
}
