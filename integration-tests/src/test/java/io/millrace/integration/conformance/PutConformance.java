package io.millrace.integration.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.integration.endpoint.Endpoint;
import io.millrace.integration.endpoint.Place;
import io.millrace.integration.endpoint.TestStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.model.PutRecordResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

/** PutRecord and PutRecords. */
abstract class PutConformance extends Conformance {
  private static final String[] INVALID = {"ValidationException", "InvalidArgumentException"};

  PutConformance(Endpoint endpoint) {
    super(endpoint);
  }

  @Test
  void sequenceNumbersOfAShardRise() {
    TestStream stream = stream(1);

    BigInteger first = new BigInteger(put(stream, "a", "1").sequenceNumber());
    BigInteger second = new BigInteger(put(stream, "b", "2").sequenceNumber());

    assertThat(second).isGreaterThan(first);
  }

  @Test
  void recordLandsOnTheShardWhoseRangeHoldsTheMd5OfItsKey() {
    TestStream stream = stream(4);
    List<Shard> shards = stream.openShards();

    for (String key : List.of("a", "user-17", "клик", "😀", "k".repeat(256))) {
      String shard = put(stream, key, "x").shardId();

      assertThat(shard).isEqualTo(holder(shards, md5(key)).shardId());
    }
  }

  @Test
  void explicitHashKeyGoesBeforeTheKey() {
    TestStream stream = stream(4);
    List<Shard> shards = stream.openShards();

    for (Shard shard : shards) {
      for (BigInteger hash : List.of(TestStream.start(shard), TestStream.end(shard))) {
        PutRecordResponse reply =
            get(
                kinesis()
                    .putRecord(
                        r ->
                            r.streamName(stream.name())
                                .partitionKey("same")
                                .explicitHashKey(hash.toString())
                                .data(SdkBytes.fromUtf8String("x"))));
        assertThat(reply.shardId()).isEqualTo(shard.shardId());
      }
    }
  }

  @Test
  void batchIsAnsweredInTheOrderOfItsEntries() {
    TestStream stream = stream(4);
    List<Shard> shards = stream.openShards();
    List<PutRecordsRequestEntry> entries =
        IntStream.range(0, 100).mapToObj(i -> entry("key-" + i, "data-" + i)).toList();

    PutRecordsResponse reply =
        get(kinesis().putRecords(r -> r.streamARN(stream.arn()).records(entries)));

    assertThat(reply.failedRecordCount()).isZero();
    assertThat(reply.records()).hasSize(100);
    for (int i = 0; i < 100; i++) {
      assertThat(reply.records().get(i).errorCode()).isNull();
      assertThat(reply.records().get(i).sequenceNumber()).isNotEmpty();
      assertThat(reply.records().get(i).shardId())
          .isEqualTo(holder(shards, md5("key-" + i)).shardId());
    }
  }

  @Test
  void greatestBatchIsFiveHundredEntries() {
    TestStream stream = stream(1);

    PutRecordsResponse reply =
        get(
            kinesis()
                .putRecords(
                    r ->
                        r.streamName(stream.name())
                            .records(Collections.nCopies(500, entry("k", "x")))));

    assertThat(reply.records()).hasSize(500);
  }

  @Test
  @Differs(
      on = Place.KINESIS_LOCAL,
      service = "PutRecords takes at most 500 records",
      here = "takes 501")
  void batchOfFiveHundredAndOneIsRefused() {
    TestStream stream = stream(1);

    refused(
        () ->
            kinesis()
                .putRecords(
                    r ->
                        r.streamName(stream.name())
                            .records(Collections.nCopies(501, entry("k", "x")))),
        INVALID);
  }

  @Test
  @Differs(
      on = Place.KINESIS_LOCAL,
      service = "PutRecords takes at least 1 record",
      here = "takes an empty batch")
  void emptyBatchIsRefused() {
    TestStream stream = stream(1);

    refused(
        () -> kinesis().putRecords(r -> r.streamName(stream.name()).records(List.of())), INVALID);
  }

  @Test
  void recordWithoutDataIsTaken() {
    TestStream stream = stream(1);

    put(stream, "k", "");

    List<Record> records =
        read(
            iterator(stream, stream.openShards().get(0).shardId(), ShardIteratorType.TRIM_HORIZON),
            1);
    assertThat(records.get(0).data().asByteArrayUnsafe()).isEmpty();
  }

  @Test
  void recordOfTheStreamsGreatestSizeIsTakenAndOneByteMoreIsRefused() {
    TestStream stream = stream(1);
    int mebibyte = 1_048_576;
    SdkBytes exact = SdkBytes.fromByteArrayUnsafe(new byte[mebibyte - 1]);
    SdkBytes beyond = SdkBytes.fromByteArrayUnsafe(new byte[mebibyte + 1]);

    get(kinesis().putRecord(r -> r.streamName(stream.name()).partitionKey("k").data(exact)));
    refused(
        () -> kinesis().putRecord(r -> r.streamName(stream.name()).partitionKey("k").data(beyond)),
        INVALID);
  }

  @Test
  void emptyKeyIsRefused() {
    TestStream stream = stream(1);

    refused(() -> putKey(stream, ""), INVALID);
  }

  @Test
  void keyOfMoreThan256CharactersIsRefused() {
    TestStream stream = stream(1);

    refused(() -> putKey(stream, "k".repeat(257)), INVALID);
  }

  @Test
  void hashKeyBeyond128BitsIsRefused() {
    TestStream stream = stream(1);

    refused(() -> putHashKey(stream, MAX_HASH_KEY.add(BigInteger.ONE).toString()), INVALID);
  }

  @Test
  void negativeHashKeyIsRefused() {
    TestStream stream = stream(1);

    refused(() -> putHashKey(stream, "-1"), INVALID);
  }

  @Test
  @Differs(
      on = Place.KINESIS_LOCAL,
      service = "a hash key that is no decimal number is refused with 400",
      here = "answers 500, which clients retry")
  void hashKeyThatIsNoNumberIsRefused() {
    TestStream stream = stream(1);

    refused(() -> putHashKey(stream, "not-a-number"), INVALID);
  }

  @Test
  void putToAnUnknownStreamIsResourceNotFound() {
    refused(
        () -> kinesis().putRecords(r -> r.streamName("no-such-stream").records(entry("k", "x"))),
        "ResourceNotFoundException");
  }

  private CompletableFuture<PutRecordResponse> putHashKey(TestStream stream, String hashKey) {
    return kinesis()
        .putRecord(
            r ->
                r.streamName(stream.name())
                    .partitionKey("k")
                    .explicitHashKey(hashKey)
                    .data(SdkBytes.fromUtf8String("x")));
  }

  private CompletableFuture<PutRecordResponse> putKey(TestStream stream, String key) {
    return kinesis()
        .putRecord(
            r -> r.streamName(stream.name()).partitionKey(key).data(SdkBytes.fromUtf8String("x")));
  }

  static PutRecordsRequestEntry entry(String key, String data) {
    return PutRecordsRequestEntry.builder()
        .partitionKey(key)
        .data(SdkBytes.fromUtf8String(data))
        .build();
  }

  private static Shard holder(List<Shard> shards, BigInteger hash) {
    return shards.stream()
        .filter(s -> TestStream.start(s).compareTo(hash) <= 0)
        .filter(s -> TestStream.end(s).compareTo(hash) >= 0)
        .findFirst()
        .orElseThrow();
  }

  private static BigInteger md5(String key) {
    try {
      return new BigInteger(
          1, MessageDigest.getInstance("MD5").digest(key.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
