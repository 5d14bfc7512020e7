package io.millrace.producer.internal.loop;

import io.millrace.aggregation.AggregateDecoder;
import io.millrace.aggregation.AggregatedMember;
import io.millrace.aggregation.AggregatedRecord;
import io.millrace.aggregation.DecodedRecord;
import io.millrace.model.HashKey;
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
import io.millrace.producer.internal.send.ServiceFailure;
import io.millrace.producer.internal.send.ServiceFailure.Kind;
import io.millrace.producer.internal.send.ShardDescription;
import io.millrace.producer.internal.send.StreamAddress;
import io.millrace.producer.internal.send.StreamSummary;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

/** One stream in memory, on the harness's clock, with replies as a test wants them. */
final class FakeKinesis implements KinesisPort {
  static final long LATENCY_NANOS = 10_000_000;

  final List<FakeShard> shards = new ArrayList<>();
  final List<PutCall> puts = new ArrayList<>();

  /** Further streams by name, on the same clock; all other names mean this one. */
  final Map<String, FakeKinesis> others = new HashMap<>();

  int shardListings;
  int summaries;

  /** What a put does; {@link PutCall#store()} stores and answers. */
  Function<PutCall, CompletableFuture<PutRecordsReply>> onPut = PutCall::store;

  Supplier<List<ShardDescription>> onListShards = this::openShards;
  Supplier<StreamSummary> onSummary =
      () ->
          new StreamSummary(
              Distribution.USER_PARTITION_KEY, KinesisLimits.RECORD_DEFAULT_MAX_BYTES);

  private final PriorityQueue<Scheduled> scheduled =
      new PriorityQueue<>(
          Comparator.comparingLong(Scheduled::dueNanos).thenComparing(Scheduled::order));
  private long order;
  private long sequence;
  long nowNanos;

  private record Scheduled(long dueNanos, long order, Runnable action) {}

  /** A record as it lies in a shard. */
  record StoredRecord(SequenceNumber sequenceNumber, ByteBuffer data, String key) {
    DecodedRecord decoded() {
      return AggregateDecoder.decode(data);
    }
  }

  /** A user record as a consumer with the whole-aggregate rule sees it. */
  record SeenRecord(
      ShardId shard, SequenceNumber sequenceNumber, int sub, String key, String data) {}

  static final class FakeShard {
    final ShardId id;
    final HashRange range;
    final List<StoredRecord> records = new ArrayList<>();
    boolean open = true;

    FakeShard(ShardId id, HashRange range) {
      this.id = id;
      this.range = range;
    }
  }

  FakeKinesis(int shardCount) {
    for (HashRange range : HashRange.FULL.partition(shardCount)) {
      addShard(range);
    }
  }

  final FakeShard addShard(HashRange range) {
    FakeShard shard = new FakeShard(new ShardId("shardId-%012d".formatted(shards.size())), range);
    shards.add(shard);
    return shard;
  }

  void split(int index) {
    FakeShard parent = shards.get(index);
    parent.open = false;
    parent.range.partition(2).forEach(this::addShard);
  }

  void merge(int first, int second) {
    shards.get(first).open = false;
    shards.get(second).open = false;
    addShard(shards.get(first).range.merge(shards.get(second).range));
  }

  /** Closes all shards and opens so many new ones, as a finished UpdateShardCount. */
  void scaleTo(int shardCount) {
    shards.forEach(shard -> shard.open = false);
    HashRange.FULL.partition(shardCount).forEach(this::addShard);
  }

  /** The stream was deleted and is made anew: shards have the old names again. */
  void recreate(int shardCount) {
    shards.clear();
    HashRange.FULL.partition(shardCount).forEach(this::addShard);
  }

  /** The open shard that takes this hash key. */
  FakeShard shardOf(HashKey key) {
    return shards.stream().filter(s -> s.open && s.range.contains(key)).findFirst().orElseThrow();
  }

  static HashKey keyOf(PutEntry entry) {
    return entry.explicitHashKey() != null
        ? entry.explicitHashKey()
        : entry.partitionKey() == null ? HashKey.MIN : HashKey.ofPartitionKey(entry.partitionKey());
  }

  List<ShardDescription> openShards() {
    return shards.stream()
        .filter(shard -> shard.open)
        .map(shard -> new ShardDescription(shard.id, shard.range))
        .toList();
  }

  /** Runs an action on the virtual clock. */
  void later(long delayNanos, Runnable action) {
    scheduled.add(new Scheduled(nowNanos + delayNanos, order++, action));
  }

  /** Nanoseconds until something happens here. */
  long nanosUntilNext() {
    Scheduled next = scheduled.peek();
    long nanos = next == null ? Long.MAX_VALUE : Math.max(0, next.dueNanos - nowNanos);
    for (FakeKinesis other : others.values()) {
      nanos = Math.min(nanos, other.nanosUntilNext());
    }
    return nanos;
  }

  void runDue(long nowNanos) {
    this.nowNanos = nowNanos;
    while (!scheduled.isEmpty() && scheduled.peek().dueNanos - nowNanos <= 0) {
      scheduled.poll().action.run();
    }
    others.values().forEach(other -> other.runDue(nowNanos));
  }

  private FakeKinesis named(StreamAddress stream) {
    return others.getOrDefault(stream.text(), this);
  }

  @Override
  public CompletableFuture<PutRecordsReply> putRecords(
      StreamAddress stream, List<PutEntry> entries) {
    return named(stream).put(entries);
  }

  private CompletableFuture<PutRecordsReply> put(List<PutEntry> entries) {
    PutCall call = new PutCall(entries);
    puts.add(call);
    return onPut.apply(call);
  }

  @Override
  public CompletableFuture<List<ShardDescription>> listShards(StreamAddress stream) {
    FakeKinesis named = named(stream);
    named.shardListings++;
    return named.after(LATENCY_NANOS, named.onListShards);
  }

  @Override
  public CompletableFuture<StreamSummary> describeStreamSummary(StreamAddress stream) {
    FakeKinesis named = named(stream);
    named.summaries++;
    return named.after(LATENCY_NANOS, named.onSummary);
  }

  private <T> CompletableFuture<T> after(long delayNanos, Supplier<T> result) {
    CompletableFuture<T> future = new CompletableFuture<>();
    later(
        delayNanos,
        () -> {
          try {
            future.complete(result.get());
          } catch (KinesisCallException e) {
            future.completeExceptionally(e);
          }
        });
    return future;
  }

  static KinesisCallException failure(Kind kind, String code) {
    return new KinesisCallException(ServiceFailure.of(kind, code, "because of the test", null));
  }

  /** A PutRecords call. */
  final class PutCall {
    final List<PutEntry> entries;

    PutCall(List<PutEntry> entries) {
      this.entries = entries;
    }

    /** Stores everything on arrival and answers after the usual latency. */
    CompletableFuture<PutRecordsReply> store() {
      return store(entry -> null);
    }

    /** Stores all entries but those for which a code is given. */
    CompletableFuture<PutRecordsReply> store(Function<PutEntry, String> rejection) {
      return after(
          LATENCY_NANOS,
          () ->
              new PutRecordsReply(
                  200,
                  "request",
                  entries.stream()
                      .map(
                          entry -> {
                            String code = rejection.apply(entry);
                            return code == null
                                ? storeOne(entry)
                                : new EntryReply.Rejected(code, "");
                          })
                      .toList()));
    }

    CompletableFuture<PutRecordsReply> fail(Kind kind, String code) {
      return after(
          LATENCY_NANOS,
          () -> {
            throw failure(kind, code);
          });
    }

    /** Stores everything, but no answer comes. */
    CompletableFuture<PutRecordsReply> storeSilently() {
      later(LATENCY_NANOS, () -> entries.forEach(FakeKinesis.this::storeOne));
      return new CompletableFuture<>();
    }

    CompletableFuture<PutRecordsReply> neverAnswer() {
      return new CompletableFuture<>();
    }

    int userRecords() {
      return entries.stream()
          .mapToInt(
              e ->
                  AggregateDecoder.decode(e.data()) instanceof AggregatedRecord a
                      ? a.memberCount()
                      : 1)
          .sum();
    }
  }

  EntryReply storeOne(PutEntry entry) {
    return storeOn(shardOf(keyOf(entry)), entry);
  }

  EntryReply storeOn(FakeShard shard, PutEntry entry) {
    SequenceNumber number = SequenceNumber.of(Long.toString(++sequence));
    shard.records.add(
        new StoredRecord(number, ByteBuffer.wrap(entry.data()), entry.partitionKey()));
    return new EntryReply.Stored(shard.id, number);
  }

  /** What consumers with the whole-aggregate rule get, in the order stored. */
  List<SeenRecord> seen() {
    List<SeenRecord> seen = new ArrayList<>();
    for (FakeShard shard : shards) {
      for (StoredRecord record : shard.records) {
        if (record.decoded() instanceof AggregatedRecord aggregate) {
          if (aggregate.isWithin(shard.range)) {
            for (AggregatedMember member : aggregate) {
              seen.add(
                  new SeenRecord(
                      shard.id,
                      record.sequenceNumber,
                      member.subSequenceNumber(),
                      member.partitionKey(),
                      text(member.data())));
            }
          }
        } else {
          seen.add(
              new SeenRecord(shard.id, record.sequenceNumber, -1, record.key, text(record.data)));
        }
      }
    }
    return seen;
  }

  static String text(ByteBuffer data) {
    return StandardCharsets.UTF_8.decode(data.duplicate()).toString();
  }
}
