package io.millrace.testkit.kinesis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.testkit.kinesis.call.KinesisRequest;
import io.millrace.testkit.kinesis.call.RecordCall;
import io.millrace.testkit.kinesis.call.RecordCall.GetRecords;
import io.millrace.testkit.kinesis.call.RecordCall.GetRecordsReply;
import io.millrace.testkit.kinesis.call.RecordCall.GetShardIterator;
import io.millrace.testkit.kinesis.call.RecordCall.PutEntry;
import io.millrace.testkit.kinesis.call.RecordCall.PutRecords;
import io.millrace.testkit.kinesis.call.ShardCall;
import io.millrace.testkit.kinesis.call.ShardCall.ShardFilter;
import io.millrace.testkit.kinesis.call.StreamCall.CreateStream;
import io.millrace.testkit.kinesis.call.StreamCall.DescribeStreamSummary;
import io.millrace.testkit.kinesis.call.StreamCall.DescribeStreamSummaryReply;
import io.millrace.testkit.kinesis.model.ErrorCode;
import io.millrace.testkit.kinesis.model.KinesisError;
import io.millrace.testkit.kinesis.model.KinesisRecord;
import io.millrace.testkit.kinesis.model.ShardInfo;
import io.millrace.testkit.kinesis.model.StartingPosition;
import io.millrace.testkit.kinesis.model.StreamRef;
import io.millrace.testkit.kinesis.settings.CoreSettings;
import io.millrace.testkit.kinesis.settings.ManualClock;
import io.millrace.testkit.kinesis.settings.ServiceLimits;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A core with one stream, and the calls that most tests make. */
final class Endpoint {
  static final StreamRef STREAM = StreamRef.ofName("orders");
  static final String SHARD_0 = "shardId-000000000000";
  static final String SHARD_1 = "shardId-000000000001";
  static final String SHARD_2 = "shardId-000000000002";
  static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  final ManualClock clock = new ManualClock(START);
  final KinesisCore core;

  private Endpoint(CoreSettings settings) {
    core = new KinesisCore(settings, clock, new SplittableRandom(1));
  }

  static Endpoint empty(CoreSettings settings) {
    return new Endpoint(settings);
  }

  static Endpoint withShards(int shards) {
    return withShards(shards, CoreSettings.defaults());
  }

  static Endpoint withShards(int shards, ServiceLimits limits) {
    return withShards(shards, CoreSettings.builder().limits(limits).build());
  }

  static Endpoint withShards(int shards, CoreSettings settings) {
    Endpoint endpoint = new Endpoint(settings);
    endpoint.call(CreateStream.provisioned("orders", shards));
    return endpoint;
  }

  <R> R call(KinesisRequest<R> request) {
    return core.call(request);
  }

  void refuses(ErrorCode code, KinesisRequest<?> request) {
    assertThatThrownBy(() -> core.call(request))
        .isInstanceOfSatisfying(
            KinesisError.class,
            error -> org.assertj.core.api.Assertions.assertThat(error.code()).isEqualTo(code));
  }

  void advance(Duration duration) {
    clock.advance(duration);
  }

  static ByteBuffer data(String text) {
    return ByteBuffer.wrap(text.getBytes(UTF_8));
  }

  static PutEntry entry(String key, String text) {
    return new PutEntry(data(text), key, null);
  }

  /** An entry for the shard that owns this fraction of the hash keys. */
  static PutEntry entryAt(double fraction, String text) {
    return new PutEntry(data(text), "k", hashKeyAt(fraction));
  }

  static String hashKeyAt(double fraction) {
    return BigInteger.ONE
        .shiftLeft(128)
        .multiply(BigInteger.valueOf((long) (fraction * 1_000_000)))
        .divide(BigInteger.valueOf(1_000_000))
        .toString();
  }

  RecordCall.PutRecordsReply put(PutEntry... entries) {
    return call(new PutRecords(STREAM, List.of(entries)));
  }

  /** Puts records with these texts at the bottom of the hash keys; gives their numbers. */
  List<String> putTexts(String... texts) {
    PutEntry[] entries =
        Arrays.stream(texts).map(text -> entryAt(0, text)).toArray(PutEntry[]::new);
    return put(entries).results().stream().map(RecordCall.PutResult::sequenceNumber).toList();
  }

  void putMany(int count) {
    for (int from = 0; from < count; from += 500) {
      int first = from;
      call(
          new PutRecords(
              STREAM,
              IntStream.range(from, Math.min(count, from + 500))
                  .mapToObj(i -> entryAt(0, "record " + (first + i)))
                  .toList()));
    }
  }

  String iterator(String shardId, StartingPosition position) {
    return call(new GetShardIterator(STREAM, shardId, position)).shardIterator();
  }

  GetRecordsReply get(@Nullable String iterator) {
    return call(new GetRecords(StreamRef.NONE, iterator, null));
  }

  GetRecordsReply get(@Nullable String iterator, int limit) {
    return call(new GetRecords(StreamRef.NONE, iterator, limit));
  }

  List<String> textsFrom(String shardId, StartingPosition position) {
    return texts(get(iterator(shardId, position)).records());
  }

  /** Reads a shard until its tip or end. */
  List<KinesisRecord> readAll(String shardId) {
    List<KinesisRecord> records = new ArrayList<>();
    String iterator = iterator(shardId, StartingPosition.trimHorizon());
    while (iterator != null) {
      GetRecordsReply reply = get(iterator);
      records.addAll(reply.records());
      boolean tip = reply.records().isEmpty() && reply.millisBehindLatest() == 0;
      iterator = tip ? null : reply.nextShardIterator();
    }
    return records;
  }

  static List<String> texts(List<KinesisRecord> records) {
    return records.stream()
        .map(record -> UTF_8.decode(record.data().duplicate()).toString())
        .toList();
  }

  List<ShardInfo> shards() {
    return call(ShardCall.ListShards.of(STREAM, null)).shards();
  }

  List<String> shardIds(ShardFilter filter) {
    return call(ShardCall.ListShards.of(STREAM, filter)).shards().stream()
        .map(ShardInfo::shardId)
        .toList();
  }

  List<String> shardIds(ShardFilter.Type type) {
    return shardIds(ShardFilter.of(type));
  }

  DescribeStreamSummaryReply summary() {
    return call(new DescribeStreamSummary(STREAM));
  }

  void split(String shardId, double fraction) {
    call(new ShardCall.SplitShard(STREAM, shardId, hashKeyAt(fraction)));
  }

  void merge(String shardId, String adjacentId) {
    call(new ShardCall.MergeShards(STREAM, shardId, adjacentId));
  }

  String streamArn() {
    return summary().description().streamArn();
  }
}
