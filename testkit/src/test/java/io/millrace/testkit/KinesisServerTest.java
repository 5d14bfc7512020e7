package io.millrace.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.testkit.kinesis.call.Operation;
import io.millrace.testkit.kinesis.fault.Fault;
import io.millrace.testkit.kinesis.model.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.ConsumerStatus;
import software.amazon.awssdk.services.kinesis.model.EncryptionType;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.MetricsName;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.ResourceInUseException;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;
import software.amazon.awssdk.services.kinesis.model.ScalingType;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardFilterType;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.StreamDescriptionSummary;
import software.amazon.awssdk.services.kinesis.model.StreamMode;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEvent;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardResponseHandler;
import software.amazon.awssdk.services.kinesis.model.ValidationException;

/** Every operation by the SDK's client against the real core: what one writes, the other reads. */
class KinesisServerTest {
  private static KinesisServer server;
  private static KinesisAsyncClient kinesis;
  private String stream;

  @BeforeAll
  static void start() {
    server = KinesisServer.start();
    kinesis = server.newClient();
  }

  @AfterAll
  static void stop() {
    kinesis.close();
    server.close();
  }

  @BeforeEach
  void createStream(TestInfo test) {
    stream = test.getTestMethod().orElseThrow().getName();
    server.createStream(stream, 2);
  }

  @Test
  void describesStreams() {
    StreamDescriptionSummary summary = summary();
    assertThat(summary.streamName()).isEqualTo(stream);
    assertThat(summary.streamARN())
        .isEqualTo("arn:aws:kinesis:us-east-1:000000000000:stream/" + stream);
    assertThat(summary.streamStatus()).isEqualTo(StreamStatus.ACTIVE);
    assertThat(summary.streamModeDetails().streamMode()).isEqualTo(StreamMode.PROVISIONED);
    assertThat(summary.retentionPeriodHours()).isEqualTo(24);
    assertThat(summary.openShardCount()).isEqualTo(2);
    assertThat(summary.consumerCount()).isZero();
    assertThat(summary.maxRecordSizeInKiB()).isEqualTo(1024);
    assertThat(summary.encryptionType()).isEqualTo(EncryptionType.NONE);
    assertThat(summary.streamCreationTimestamp()).isNotNull();

    var description = kinesis.describeStream(r -> r.streamName(stream)).join().streamDescription();
    assertThat(description.shards()).hasSize(2);
    assertThat(description.hasMoreShards()).isFalse();
    var listed = kinesis.listStreams(r -> r.limit(100)).join();
    assertThat(listed.streamNames()).contains(stream);
    assertThat(listed.streamSummaries())
        .anySatisfy(s -> assertThat(s.streamARN()).isEqualTo(summary.streamARN()));
    assertThat(kinesis.describeLimits().join().openShardCount()).isGreaterThanOrEqualTo(2);
  }

  @Test
  void createsAndDeletesStreams() {
    kinesis
        .createStream(
            r ->
                r.streamName("created")
                    .streamModeDetails(m -> m.streamMode(StreamMode.ON_DEMAND))
                    .tags(Map.of("team", "a")))
        .join();
    assertThat(
            kinesis
                .describeStreamSummary(r -> r.streamName("created"))
                .join()
                .streamDescriptionSummary()
                .openShardCount())
        .isEqualTo(4);
    assertThatThrownBy(
            () -> kinesis.createStream(r -> r.streamName("created").shardCount(1)).join())
        .hasCauseInstanceOf(ResourceInUseException.class);

    kinesis.deleteStream(r -> r.streamName("created").enforceConsumerDeletion(true)).join();

    assertThatThrownBy(() -> kinesis.describeStream(r -> r.streamName("created")).join())
        .hasCauseInstanceOf(ResourceNotFoundException.class);
  }

  @Test
  void changesAttributes() {
    String arn = summary().streamARN();
    kinesis
        .increaseStreamRetentionPeriod(r -> r.streamName(stream).retentionPeriodHours(48))
        .join();
    assertThat(summary().retentionPeriodHours()).isEqualTo(48);
    kinesis.decreaseStreamRetentionPeriod(r -> r.streamARN(arn).retentionPeriodHours(24)).join();
    kinesis.updateMaxRecordSize(r -> r.streamARN(arn).maxRecordSizeInKiB(2048)).join();
    assertThat(summary().maxRecordSizeInKiB()).isEqualTo(2048);
    kinesis
        .updateStreamMode(
            r -> r.streamARN(arn).streamModeDetails(m -> m.streamMode(StreamMode.ON_DEMAND)))
        .join();
    assertThat(summary().streamModeDetails().streamMode()).isEqualTo(StreamMode.ON_DEMAND);
    kinesis
        .startStreamEncryption(
            r -> r.streamName(stream).encryptionType(EncryptionType.KMS).keyId("alias/key"))
        .join();
    assertThat(summary().keyId()).isEqualTo("alias/key");
    kinesis
        .stopStreamEncryption(
            r -> r.streamName(stream).encryptionType(EncryptionType.KMS).keyId("alias/key"))
        .join();
    var monitoring =
        kinesis
            .enableEnhancedMonitoring(
                r -> r.streamName(stream).shardLevelMetrics(MetricsName.INCOMING_BYTES))
            .join();
    assertThat(monitoring.desiredShardLevelMetrics()).containsExactly(MetricsName.INCOMING_BYTES);
    assertThat(summary().enhancedMonitoring().get(0).shardLevelMetrics())
        .containsExactly(MetricsName.INCOMING_BYTES);
    kinesis
        .disableEnhancedMonitoring(r -> r.streamName(stream).shardLevelMetrics(MetricsName.ALL))
        .join();
  }

  @Test
  void tagsStreamsAndConsumers() {
    String arn = summary().streamARN();
    kinesis.addTagsToStream(r -> r.streamName(stream).tags(Map.of("a", "1", "b", "2"))).join();
    assertThat(kinesis.listTagsForStream(r -> r.streamName(stream)).join().tags()).hasSize(2);
    kinesis.removeTagsFromStream(r -> r.streamName(stream).tagKeys("a")).join();
    kinesis.tagResource(r -> r.resourceARN(arn).tags(Map.of("c", "3"))).join();
    kinesis.untagResource(r -> r.resourceARN(arn).tagKeys("b")).join();
    assertThat(kinesis.listTagsForResource(r -> r.resourceARN(arn)).join().tags())
        .singleElement()
        .satisfies(
            tag -> {
              assertThat(tag.key()).isEqualTo("c");
              assertThat(tag.value()).isEqualTo("3");
            });
  }

  @Test
  void readsWhatWasPut() {
    for (int i = 0; i < 20; i++) {
      put("key-" + i, "data-" + i);
    }
    PutRecordsResponse many =
        kinesis
            .putRecords(
                r -> r.streamName(stream).records(entry("x", "data-20"), entry("y", "data-21")))
            .join();
    assertThat(many.failedRecordCount()).isZero();
    assertThat(many.records()).allSatisfy(r -> assertThat(r.sequenceNumber()).isNotEmpty());

    List<String> read = new ArrayList<>();
    for (Shard shard : shards()) {
      GetRecordsResponse records = read(iterator(shard.shardId(), "TRIM_HORIZON"));
      assertThat(records.millisBehindLatest()).isZero();
      assertThat(records.nextShardIterator()).isNotNull();
      records.records().forEach(r -> read.add(r.data().asUtf8String()));
    }
    assertThat(read).hasSize(22).contains("data-0", "data-21");
  }

  @Test
  void iteratorsOfAllTypesFindTheirRecord() {
    put("k", "first");
    String second = put("k", "second");
    String shard =
        kinesis
            .putRecord(r -> r.streamName(stream).partitionKey("k").data(bytes("third")))
            .join()
            .shardId();
    Record third = last(read(iterator(shard, "TRIM_HORIZON")).records());

    assertThat(firstFrom(shard, ShardIteratorType.AT_SEQUENCE_NUMBER, second)).isEqualTo("second");
    assertThat(firstFrom(shard, ShardIteratorType.AFTER_SEQUENCE_NUMBER, second))
        .isEqualTo("third");
    String atTime =
        kinesis
            .getShardIterator(
                r ->
                    r.streamName(stream)
                        .shardId(shard)
                        .shardIteratorType(ShardIteratorType.AT_TIMESTAMP)
                        .timestamp(third.approximateArrivalTimestamp()))
            .join()
            .shardIterator();
    assertThat(last(read(atTime).records()).data().asUtf8String()).isEqualTo("third");
    assertThat(read(iterator(shard, "LATEST")).records()).isEmpty();
  }

  @Test
  void reshardsAndNamesTheChildren() {
    String parent = shards().get(0).shardId();
    kinesis
        .splitShard(
            r ->
                r.streamName(stream)
                    .shardToSplit(parent)
                    .newStartingHashKey("1000000000000000000000000000000000000"))
        .join();

    GetRecordsResponse end = read(iterator(parent, "TRIM_HORIZON"));
    assertThat(end.nextShardIterator()).isNull();
    assertThat(end.childShards())
        .hasSize(2)
        .allSatisfy(child -> assertThat(child.parentShards()).containsExactly(parent));
    List<Shard> open =
        kinesis
            .listShards(
                r -> r.streamName(stream).shardFilter(f -> f.type(ShardFilterType.AT_LATEST)))
            .join()
            .shards();
    assertThat(open).hasSize(3);
    kinesis
        .mergeShards(
            r ->
                r.streamName(stream)
                    .shardToMerge(end.childShards().get(0).shardId())
                    .adjacentShardToMerge(end.childShards().get(1).shardId()))
        .join();
    var scaled =
        kinesis
            .updateShardCount(
                r ->
                    r.streamName(stream)
                        .targetShardCount(4)
                        .scalingType(ScalingType.UNIFORM_SCALING))
            .join();
    assertThat(scaled.currentShardCount()).isEqualTo(2);
    assertThat(scaled.targetShardCount()).isEqualTo(4);
    assertThat(shards().size()).isGreaterThan(6);
  }

  @Test
  void listsShardsByPages() {
    server.createStream("wide", 5);
    var first = kinesis.listShards(r -> r.streamName("wide").maxResults(3)).join();
    assertThat(first.shards()).hasSize(3);
    var second = kinesis.listShards(r -> r.nextToken(first.nextToken())).join();
    assertThat(second.shards()).hasSize(2);
    assertThat(second.nextToken()).isNull();
  }

  @Test
  void fanOutPushesRecordsAsTheyArrive() throws Exception {
    String arn = summary().streamARN();
    String consumer =
        kinesis
            .registerStreamConsumer(r -> r.streamARN(arn).consumerName("fan"))
            .join()
            .consumer()
            .consumerARN();
    assertThat(
            kinesis
                .describeStreamConsumer(r -> r.consumerARN(consumer))
                .join()
                .consumerDescription()
                .consumerStatus())
        .isEqualTo(ConsumerStatus.ACTIVE);
    assertThat(kinesis.listStreamConsumers(r -> r.streamARN(arn)).join().consumers()).hasSize(1);

    CompletableFuture<SubscribeToShardEvent> received = new CompletableFuture<>();
    CompletableFuture<Void> responded = new CompletableFuture<>();
    String shard =
        kinesis
            .putRecord(r -> r.streamName(stream).partitionKey("k").data(bytes("before")))
            .join()
            .shardId();
    var call =
        kinesis.subscribeToShard(
            r ->
                r.consumerARN(consumer)
                    .shardId(shard)
                    .startingPosition(p -> p.type(ShardIteratorType.LATEST)),
            SubscribeToShardResponseHandler.builder()
                .onEventStream(
                    events -> {
                      var unused =
                          events
                              .filter(SubscribeToShardEvent.class)
                              .filter(event -> event.hasRecords() && !event.records().isEmpty())
                              .subscribe(received::complete);
                    })
                .onResponse(response -> responded.complete(null))
                .build());
    responded.get(90, TimeUnit.SECONDS);
    put("k", "after");

    assertThat(received.get(90, TimeUnit.SECONDS).records())
        .extracting(r -> r.data().asUtf8String())
        .containsExactly("after");
    kinesis.deregisterStreamConsumer(r -> r.consumerARN(consumer)).join();
    assertThatThrownBy(() -> call.get(90, TimeUnit.SECONDS))
        .hasCauseInstanceOf(ResourceNotFoundException.class);
  }

  @Test
  void failedEntriesLeaveTheOthersStored() {
    server
        .core()
        .faults()
        .on(Operation.PUT_RECORDS)
        .times(1)
        .inject(Fault.failEntriesAt(ErrorCode.PROVISIONED_THROUGHPUT_EXCEEDED, Set.of(1)));

    PutRecordsResponse response =
        kinesis
            .putRecords(
                r ->
                    r.streamName(stream).records(entry("a", "0"), entry("a", "1"), entry("a", "2")))
            .join();

    assertThat(response.failedRecordCount()).isEqualTo(1);
    assertThat(response.records().get(1).errorCode())
        .isEqualTo("ProvisionedThroughputExceededException");
    assertThat(response.records().get(0).sequenceNumber()).isNotNull();
    assertThat(response.records().get(2).sequenceNumber()).isNotNull();
  }

  @Test
  void sdkRetriesWhatIsThrottledOnce() {
    server
        .core()
        .faults()
        .on(Operation.PUT_RECORD)
        .times(1)
        .inject(Fault.refuse(ErrorCode.PROVISIONED_THROUGHPUT_EXCEEDED));

    assertThat(put("k", "data")).isNotEmpty();
  }

  @Test
  void badInputHasTheServicesErrors() {
    assertThatThrownBy(() -> put("", "data")).hasCauseInstanceOf(ValidationException.class);
    assertThatThrownBy(
            () ->
                kinesis
                    .putRecord(
                        r ->
                            r.streamName(stream)
                                .partitionKey("k")
                                .data(SdkBytes.fromByteArray(new byte[(1 << 20) + 1])))
                    .join())
        .hasCauseInstanceOf(ValidationException.class);
    assertThatThrownBy(() -> kinesis.describeStream(r -> r.streamName("no such stream")).join())
        .hasCauseInstanceOf(ValidationException.class);
  }

  @Test
  void tlsClientTrustsTheServer() {
    try (KinesisAsyncClient tls = server.tlsClientBuilder().build()) {
      assertThat(tls.describeStreamSummary(r -> r.streamName(stream)).join()).isNotNull();
    }
  }

  @Test
  void takenPortIsAClearError() {
    int port = server.endpoint().getPort();
    KinesisServerSettings settings = KinesisServerSettings.builder().port(port).build();

    assertThatIllegalStateException()
        .isThrownBy(() -> KinesisServer.start(settings))
        .withMessageContaining("cannot listen on 127.0.0.1 port " + port);
  }

  private StreamDescriptionSummary summary() {
    return kinesis
        .describeStreamSummary(r -> r.streamName(stream))
        .join()
        .streamDescriptionSummary();
  }

  private List<Shard> shards() {
    return kinesis.listShards(r -> r.streamName(stream)).join().shards();
  }

  private String put(String key, String data) {
    return kinesis
        .putRecord(r -> r.streamName(stream).partitionKey(key).data(bytes(data)))
        .join()
        .sequenceNumber();
  }

  private String iterator(String shardId, String type) {
    return kinesis
        .getShardIterator(r -> r.streamName(stream).shardId(shardId).shardIteratorType(type))
        .join()
        .shardIterator();
  }

  private String firstFrom(String shardId, ShardIteratorType type, String sequenceNumber) {
    String iterator =
        kinesis
            .getShardIterator(
                r ->
                    r.streamName(stream)
                        .shardId(shardId)
                        .shardIteratorType(type)
                        .startingSequenceNumber(sequenceNumber))
            .join()
            .shardIterator();
    return read(iterator).records().get(0).data().asUtf8String();
  }

  private GetRecordsResponse read(String iterator) {
    return kinesis.getRecords(r -> r.shardIterator(iterator)).join();
  }

  private static Record last(List<Record> records) {
    return records.get(records.size() - 1);
  }

  private static PutRecordsRequestEntry entry(String key, String data) {
    return PutRecordsRequestEntry.builder().partitionKey(key).data(bytes(data)).build();
  }

  private static SdkBytes bytes(String text) {
    return SdkBytes.fromUtf8String(text);
  }
}
