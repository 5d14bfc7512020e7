package io.millrace.testkit.kinesis;

import static io.millrace.testkit.kinesis.Endpoint.SHARD_0;
import static io.millrace.testkit.kinesis.Endpoint.SHARD_1;
import static io.millrace.testkit.kinesis.Endpoint.STREAM;
import static io.millrace.testkit.kinesis.Endpoint.data;
import static io.millrace.testkit.kinesis.Endpoint.entry;
import static io.millrace.testkit.kinesis.Endpoint.entryAt;
import static io.millrace.testkit.kinesis.Endpoint.hashKeyAt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.model.HashKey;
import io.millrace.testkit.kinesis.call.AttributeCall.StartStreamEncryption;
import io.millrace.testkit.kinesis.call.RecordCall.PutEntry;
import io.millrace.testkit.kinesis.call.RecordCall.PutRecord;
import io.millrace.testkit.kinesis.call.RecordCall.PutRecordReply;
import io.millrace.testkit.kinesis.call.RecordCall.PutRecords;
import io.millrace.testkit.kinesis.call.RecordCall.PutRecordsReply;
import io.millrace.testkit.kinesis.call.RecordCall.PutResult;
import io.millrace.testkit.kinesis.call.StreamCall;
import io.millrace.testkit.kinesis.model.EncryptionType;
import io.millrace.testkit.kinesis.model.ErrorCode;
import io.millrace.testkit.kinesis.model.KinesisError;
import io.millrace.testkit.kinesis.model.KinesisRecord;
import io.millrace.testkit.kinesis.model.RecordDistributionStrategy;
import io.millrace.testkit.kinesis.model.StreamRef;
import io.millrace.testkit.kinesis.settings.CoreSettings;
import io.millrace.testkit.kinesis.settings.ServiceLimits;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PutCallsTest {
  private static PutRecord put(String key, String text) {
    return new PutRecord(STREAM, data(text), key, null, null);
  }

  @Test
  void callerMayReadItsBufferAfterwards() {
    Endpoint endpoint = Endpoint.withShards(1);
    ByteBuffer buffer = data("--payload--");
    buffer.position(2).limit(9);
    endpoint.call(new PutRecord(STREAM, buffer, "k", null, null));

    buffer.clear().position(5);

    assertThat(Endpoint.texts(endpoint.readAll(SHARD_0))).containsExactly("payload");
  }

  @Test
  void recordGoesToTheShardOfItsKeysHash() {
    Endpoint endpoint = Endpoint.withShards(2);
    boolean upper = HashKey.ofPartitionKey("user-7").high() < 0;

    PutRecordReply reply = endpoint.call(put("user-7", "x"));

    assertThat(reply.shardId()).isEqualTo(upper ? SHARD_1 : SHARD_0);
  }

  @Test
  void explicitHashKeyOverridesTheKey() {
    Endpoint endpoint = Endpoint.withShards(2);

    PutRecordsReply reply = endpoint.put(entryAt(0.1, "low"), entryAt(0.9, "high"));

    assertThat(reply.results()).extracting(PutResult::shardId).containsExactly(SHARD_0, SHARD_1);
    assertThat(reply.failedRecordCount()).isZero();
  }

  @Test
  void hashKeysAtTheEdgesOfRangesBelongToTheirShard() {
    Endpoint endpoint = Endpoint.withShards(2);
    String lowerEnd = "170141183460469231731687303715884105727";
    String upperStart = "170141183460469231731687303715884105728";

    PutRecordsReply reply =
        endpoint.put(
            new PutEntry(data("a"), "k", "0"),
            new PutEntry(data("b"), "k", lowerEnd),
            new PutEntry(data("c"), "k", upperStart),
            new PutEntry(data("d"), "k", "340282366920938463463374607431768211455"));

    assertThat(reply.results())
        .extracting(PutResult::shardId)
        .containsExactly(SHARD_0, SHARD_0, SHARD_1, SHARD_1);
  }

  @Test
  void sequenceNumbersLookAndGrowLikeTheServices() {
    Endpoint endpoint = Endpoint.withShards(1);

    List<String> numbers = endpoint.putTexts("a", "b", "c");

    assertThat(numbers).allMatch(number -> number.matches("49\\d{54}"));
    assertThat(numbers.stream().map(BigInteger::new).toList()).isSorted().doesNotHaveDuplicates();
    assertThat(new BigInteger(numbers.get(1)).subtract(new BigInteger(numbers.get(0))))
        .isGreaterThan(BigInteger.ONE);
  }

  @Test
  void fiveHundredEntriesAreTheMost() {
    Endpoint endpoint = Endpoint.withShards(1);
    List<PutEntry> entries = IntStream.range(0, 501).mapToObj(i -> entry("k", "x")).toList();

    assertThat(endpoint.call(new PutRecords(STREAM, entries.subList(0, 500))).results())
        .hasSize(500);
    endpoint.refuses(ErrorCode.VALIDATION, new PutRecords(STREAM, entries));
    endpoint.refuses(ErrorCode.VALIDATION, new PutRecords(STREAM, List.of()));
  }

  @Test
  void tenMebibytesWithKeysAreTheMost() {
    Endpoint endpoint = Endpoint.withShards(1);
    PutEntry mebibyte = new PutEntry(ByteBuffer.allocate((1 << 20) - 1), "k", null);

    assertThat(endpoint.call(new PutRecords(STREAM, Collections.nCopies(10, mebibyte))).results())
        .hasSize(10);
    List<PutEntry> more = new java.util.ArrayList<>(Collections.nCopies(10, mebibyte));
    more.add(entry("k", ""));
    endpoint.refuses(ErrorCode.INVALID_ARGUMENT, new PutRecords(STREAM, more));
  }

  @Test
  void recordWithItsKeyStaysWithinTheStreamsSize() {
    Endpoint endpoint = Endpoint.withShards(1);
    PutEntry exact = new PutEntry(ByteBuffer.allocate((1 << 20) - 2), "é", null);
    PutEntry tooLarge = new PutEntry(ByteBuffer.allocate((1 << 20) - 1), "é", null);

    endpoint.put(exact);
    endpoint.refuses(ErrorCode.VALIDATION, new PutRecords(STREAM, List.of(tooLarge)));

    endpoint.call(new StreamCall.UpdateMaxRecordSize(StreamRef.ofArn(endpoint.streamArn()), 2_048));
    endpoint.put(tooLarge);
  }

  @Test
  void oneBadEntryRefusesTheCallAndStoresNothing() {
    Endpoint endpoint = Endpoint.withShards(1);

    endpoint.refuses(
        ErrorCode.VALIDATION, new PutRecords(STREAM, List.of(entry("k", "good"), entry("", "x"))));
    endpoint.refuses(
        ErrorCode.VALIDATION,
        new PutRecords(
            STREAM,
            List.of(entry("k", "good"), new PutEntry(ByteBuffer.allocate(2 << 20), "k", null))));

    assertThat(endpoint.readAll(SHARD_0)).isEmpty();
  }

  @Test
  void keysHaveOneTo256Characters() {
    Endpoint endpoint = Endpoint.withShards(1);

    endpoint.call(put("x".repeat(256), "x"));
    endpoint.call(put("\uD83D\uDE00".repeat(256), "x"));
    endpoint.refuses(ErrorCode.VALIDATION, put("x".repeat(257), "x"));
    endpoint.refuses(ErrorCode.VALIDATION, put("", "x"));
    endpoint.refuses(ErrorCode.VALIDATION, put("\uD83D", "x"));
    endpoint.refuses(
        ErrorCode.INVALID_ARGUMENT, new PutRecord(STREAM, data("x"), null, null, null));
    endpoint.refuses(ErrorCode.INVALID_ARGUMENT, new PutRecord(STREAM, data("x"), null, "5", null));
    endpoint.refuses(ErrorCode.VALIDATION, new PutRecord(STREAM, null, "k", null, null));
  }

  @Test
  void explicitHashKeyIsADecimalOf128Bits() {
    Endpoint endpoint = Endpoint.withShards(1);

    for (String malformed : List.of("", "-1", "01", "1.5", "x", "1".repeat(40))) {
      endpoint.refuses(
          ErrorCode.VALIDATION, new PutRecord(STREAM, data("x"), "k", malformed, null));
    }
    endpoint.refuses(
        ErrorCode.INVALID_ARGUMENT,
        new PutRecord(STREAM, data("x"), "k", "340282366920938463463374607431768211456", null));
  }

  @Test
  void errorsNameNeitherKeysNorData() {
    Endpoint endpoint = Endpoint.withShards(1);
    String canary = "canary";

    for (PutRecord bad :
        List.of(
            put(canary.repeat(99), canary),
            new PutRecord(STREAM, data(canary), canary, canary, null),
            new PutRecord(StreamRef.ofName("nope"), data(canary), canary, null, null))) {
      assertThatThrownBy(() -> endpoint.call(bad))
          .isInstanceOf(KinesisError.class)
          .hasMessageNotContaining(canary);
      assertThat(bad.toString()).doesNotContain(canary);
    }
    assertThat(new PutRecords(STREAM, List.of(entry(canary, canary))).toString())
        .doesNotContain(canary);
    endpoint.call(put(canary, canary));
    assertThat(endpoint.readAll(SHARD_0).toString()).doesNotContain(canary);
  }

  @Test
  void orderingNumberMustComeFromTheStream() {
    Endpoint endpoint = Endpoint.withShards(2);
    String number = endpoint.call(put("k", "a")).sequenceNumber();

    PutRecordReply next = endpoint.call(new PutRecord(STREAM, data("b"), "k", null, number));

    assertThat(next.sequenceNumber()).isGreaterThan(number);
    endpoint.refuses(
        ErrorCode.INVALID_ARGUMENT, new PutRecord(STREAM, data("b"), "k", null, "123"));
    endpoint.refuses(ErrorCode.VALIDATION, new PutRecord(STREAM, data("b"), "k", null, "-1"));
  }

  @Test
  void autoStreamSpreadsEvenlyWhateverTheKeys() {
    Endpoint endpoint = Endpoint.empty(CoreSettings.defaults());
    endpoint.call(StreamCall.CreateStream.onDemand("orders", RecordDistributionStrategy.AUTO));

    for (int i = 0; i < 40; i++) {
      endpoint.put(entry("same", "x"));
    }
    endpoint.put(new PutEntry(data("no key"), null, null));

    Map<String, List<KinesisRecord>> records = endpoint.core.records("orders");
    assertThat(records).hasSize(4);
    assertThat(records.values()).allMatch(shard -> shard.size() == 10 || shard.size() == 11);
    assertThat(records.values().stream().flatMap(List::stream))
        .filteredOn(record -> record.partitionKey() == null)
        .hasSize(1);
    endpoint.refuses(ErrorCode.INVALID_ARGUMENT, new PutRecord(STREAM, data("x"), "k", null, "5"));
  }

  @Test
  void recordsOfAnEncryptedStreamSaySo() {
    Endpoint endpoint = Endpoint.withShards(1);
    endpoint.call(new StartStreamEncryption(STREAM, EncryptionType.KMS, "alias/key"));

    assertThat(endpoint.put(entry("k", "x")).encryptionType()).isEqualTo(EncryptionType.KMS);
    assertThat(endpoint.readAll(SHARD_0))
        .allMatch(record -> record.encryptionType() == EncryptionType.KMS);
  }

  @Test
  void disabledKeyRefusesEncryptedStreamsOnly() {
    Endpoint endpoint = Endpoint.withShards(1);
    endpoint.core.failKms(ErrorCode.KMS_DISABLED);
    endpoint.put(entry("k", "plain"));

    endpoint.call(new StartStreamEncryption(STREAM, EncryptionType.KMS, "alias/key"));
    endpoint.refuses(ErrorCode.KMS_DISABLED, put("k", "x"));

    endpoint.core.failKms(null);
    endpoint.call(put("k", "x"));
  }

  @Test
  void putRecordsKeepsNoOrderOnRequestButAnswersInIt() {
    Endpoint endpoint =
        Endpoint.withShards(1, CoreSettings.builder().unorderedPutRecords(true).build());
    String[] texts = IntStream.range(100, 200).mapToObj(String::valueOf).toArray(String[]::new);

    List<String> numbers = endpoint.putTexts(texts);

    List<KinesisRecord> stored = endpoint.readAll(SHARD_0);
    assertThat(Endpoint.texts(stored)).containsExactlyInAnyOrder(texts);
    assertThat(Endpoint.texts(stored)).isNotEqualTo(List.of(texts));
    for (KinesisRecord record : stored) {
      int index = numbers.indexOf(record.sequenceNumber());
      assertThat(Endpoint.texts(List.of(record))).containsExactly(texts[index]);
    }
  }

  @Test
  void sinkCountsAndKeepsNothing() {
    Endpoint endpoint = Endpoint.withShards(1, CoreSettings.builder().sink(true).build());
    io.millrace.aggregation.AggregateEncoder encoder =
        new io.millrace.aggregation.AggregateEncoder(50_000);
    for (int i = 0; i < 7; i++) {
      encoder.tryAdd("key", null, data("payload"), io.millrace.aggregation.Headers.NONE);
    }

    List<String> numbers = endpoint.putTexts("one", "two");
    endpoint.put(new PutEntry(ByteBuffer.wrap(encoder.finish()), "a", hashKeyAt(0)));

    assertThat(numbers).isSorted().doesNotHaveDuplicates();
    assertThat(endpoint.readAll(SHARD_0)).isEmpty();
    assertThat(endpoint.core.statistics().kinesisRecordsPut()).isEqualTo(3);
    assertThat(endpoint.core.statistics().userRecordsPut()).isEqualTo(9);
  }

  @Test
  void capTrimsTheOldestRecords() {
    Endpoint endpoint = Endpoint.withShards(1, CoreSettings.builder().maxBytesPerShard(10).build());

    endpoint.putTexts("aaaa", "bbbb", "cccc");

    assertThat(Endpoint.texts(endpoint.readAll(SHARD_0))).containsExactly("bbbb", "cccc");
  }

  @Test
  void writeLimitFailsSingleEntries() {
    Endpoint endpoint = Endpoint.withShards(2, ServiceLimits.NONE.withWrites(3, 0));

    PutRecordsReply reply =
        endpoint.put(
            entryAt(0, "1"),
            entryAt(0, "2"),
            entryAt(0.9, "other shard"),
            entryAt(0, "3"),
            entryAt(0, "too many"));

    assertThat(reply.failedRecordCount()).isEqualTo(1);
    assertThat(reply.results().get(4).errorCode())
        .isEqualTo(ErrorCode.PROVISIONED_THROUGHPUT_EXCEEDED);
    assertThat(reply.results().get(4).errorMessage()).contains(SHARD_0).contains("orders");
    assertThat(endpoint.readAll(SHARD_0)).hasSize(3);
    endpoint.refuses(
        ErrorCode.PROVISIONED_THROUGHPUT_EXCEEDED,
        new PutRecord(STREAM, data("x"), "k", "0", null));

    endpoint.advance(java.time.Duration.ofMillis(334));
    endpoint.call(new PutRecord(STREAM, data("x"), "k", "0", null));
  }

  @Test
  void byteLimitTakesOneLargeRecordAndThenMakesItUp() {
    Endpoint endpoint = Endpoint.withShards(1, ServiceLimits.NONE.withWrites(0, 1_000));

    assertThat(
            endpoint.put(new PutEntry(ByteBuffer.allocate(2_999), "k", null)).failedRecordCount())
        .isZero();
    endpoint.advance(java.time.Duration.ofMillis(1_999));
    assertThat(endpoint.put(entry("k", "x")).failedRecordCount()).isEqualTo(1);
    endpoint.advance(java.time.Duration.ofMillis(4));
    assertThat(endpoint.put(entry("k", "x")).failedRecordCount()).isZero();
  }
}
