package io.millrace.testkit.kinesis.engine;

import io.millrace.model.HashKey;
import io.millrace.testkit.kinesis.call.RecordCall;
import io.millrace.testkit.kinesis.call.RecordCall.PutEntry;
import io.millrace.testkit.kinesis.call.RecordCall.PutResult;
import io.millrace.testkit.kinesis.model.ErrorCode;
import io.millrace.testkit.kinesis.model.KinesisError;
import io.millrace.testkit.kinesis.model.KinesisRecord;
import io.millrace.testkit.kinesis.model.RecordDistributionStrategy;
import io.millrace.testkit.kinesis.model.StartingPosition;
import io.millrace.testkit.kinesis.store.SequenceFormat;
import io.millrace.testkit.kinesis.store.ShardState;
import io.millrace.testkit.kinesis.store.ShardState.Arrival;
import io.millrace.testkit.kinesis.store.ShardTable;
import io.millrace.testkit.kinesis.store.StreamAttributes;
import io.millrace.testkit.kinesis.store.StreamState;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The operations that write and read records. Thread-safe. */
public final class RecordOperations {
  private static final int MAX_ENTRIES = 500;
  private static final int MAX_REQUEST_BYTES = 10 * 1024 * 1024;
  private static final int MAX_READ_RECORDS = 10_000;
  private static final int MAX_READ_BYTES = 10 * 1024 * 1024;

  private final Account account;
  private final ShardOperations shards;
  private final EntryChecks checks = new EntryChecks();

  /** Works on an account. */
  public RecordOperations(Account account, ShardOperations shards) {
    this.account = account;
    this.shards = shards;
  }

  /** Puts one record. */
  public RecordCall.PutRecordReply putRecord(RecordCall.PutRecord request) {
    PutEntry entry =
        new PutEntry(request.data(), request.partitionKey(), request.explicitHashKey());
    EntryChecks.Checked checked = checks.check("", entry);
    String minimum = request.sequenceNumberForOrdering();
    if (minimum != null) {
      Checks.sequenceNumber("sequenceNumberForOrdering", minimum);
    }
    Put put = begin(account.readyStream(request.stream()));
    put.admit("", checked);
    if (minimum != null) {
      put.requireOrdering(minimum);
    }
    PutResult result = put.store(0, entry, checked, PutFaults.NONE);
    ErrorCode error = result.errorCode();
    if (error != null) {
      throw new KinesisError(error, String.valueOf(result.errorMessage()));
    }
    return new RecordCall.PutRecordReply(
        String.valueOf(result.shardId()),
        String.valueOf(result.sequenceNumber()),
        put.attributes.encryption());
  }

  /**
   * Puts up to 500 records.
   *
   * @param faults which entries fail
   */
  public RecordCall.PutRecordsReply putRecords(RecordCall.PutRecords request, PutFaults faults) {
    List<PutEntry> entries = request.entries();
    requireEntryCount(entries.size());
    List<EntryChecks.Checked> checked = new ArrayList<>(entries.size());
    long bytes = 0;
    for (int i = 0; i < entries.size(); i++) {
      EntryChecks.Checked entry = checks.check("records." + (i + 1) + ".member.", entries.get(i));
      bytes += entry.sizeBytes();
      checked.add(entry);
    }
    if (bytes > MAX_REQUEST_BYTES) {
      throw Checks.invalidArgument("Records size exceeds 10 MB limit");
    }
    Put put = begin(account.readyStream(request.stream()));
    for (int i = 0; i < entries.size(); i++) {
      put.admit("records." + (i + 1) + ".member.", checked.get(i));
    }
    PutResult[] results = new PutResult[entries.size()];
    int failed = 0;
    for (int i : orderOf(results.length)) {
      results[i] = put.store(i, entries.get(i), checked.get(i), faults);
      failed += results[i].isFailed() ? 1 : 0;
    }
    return new RecordCall.PutRecordsReply(List.of(results), failed, put.attributes.encryption());
  }

  /**
   * Where an entry would go now; for faults that concern one shard. Null where no shard is meant.
   */
  public @Nullable String shardOf(StreamState stream, PutEntry entry) {
    String key = entry.partitionKey();
    ShardTable open = stream.lineage().open();
    if (key == null || open.shards().isEmpty() || isSpread(stream.attributes())) {
      return null;
    }
    try {
      String explicit = entry.explicitHashKey();
      HashKey hashKey = explicit == null ? HashKey.ofPartitionKey(key) : HashKey.parse(explicit);
      return open.route(hashKey).shardId();
    } catch (IllegalArgumentException e) {
      // Not a key: the call itself will say so.
      return null;
    }
  }

  /** Makes a shard iterator. */
  public RecordCall.GetShardIteratorReply getShardIterator(RecordCall.GetShardIterator request) {
    String shardId = Checks.name("shardId", request.shardId());
    StartingPosition position = request.position();
    Positions.check(position);
    StreamState stream = account.readyStream(request.stream());
    ShardState shard =
        shards.find(stream, shardId).orElseThrow(() -> account.noShard(stream, shardId));
    long place = Positions.resolve(stream, shard, position, account.nowMillis());
    return new RecordCall.GetShardIteratorReply(iterator(stream, shard, place));
  }

  /**
   * Reads from an iterator on.
   *
   * @param empty whether to answer an empty page that does not move on, as the service may at any
   *     time
   */
  public RecordCall.GetRecordsReply getRecords(RecordCall.GetRecords request, boolean empty) {
    String text = Checks.text("shardIterator", request.shardIterator(), 512);
    int limit = Checks.inRangeOr("limit", request.limit(), 1, MAX_READ_RECORDS, MAX_READ_RECORDS);
    long nowNanos = account.nowNanos();
    Tokens.ShardIterator from = account.tokens().iterator(text, nowNanos);
    StreamState stream = account.streamOf(from.incarnation());
    if (!request.stream().isEmpty() && !account.nameOf(request.stream()).equals(stream.name())) {
      throw Checks.invalidArgument("The ShardIterator is of another stream than StreamARN names.");
    }
    account.requireKey(stream.attributes());
    long nowMillis = account.nowMillis();
    ShardState shard =
        stream
            .shard(from.shardIndex(), nowMillis)
            .orElseThrow(() -> account.noShard(stream, ShardState.idOf(from.shardIndex())));
    if (!shard.admitRead(nowNanos)) {
      throw throttled(stream, shard);
    }
    ShardState.Page page =
        shard.read(
            from.place(),
            empty ? 0 : limit,
            MAX_READ_BYTES,
            nowMillis,
            stream.horizonMillis(nowMillis));
    shard.chargeRead(bytesOf(page.records()));
    return new RecordCall.GetRecordsReply(
        page.records(),
        page.end() ? null : iterator(stream, shard, page.nextPlace()),
        page.millisBehindLatest(),
        page.end() ? shard.children() : List.of());
  }

  /**
   * The id of the shard that an iterator reads, expired or not; null if it is none of this
   * endpoint.
   */
  public @Nullable String shardOf(String shardIterator) {
    Tokens.ShardIterator iterator = account.tokens().peek(shardIterator);
    return iterator == null ? null : ShardState.idOf(iterator.shardIndex());
  }

  /** The name of the stream that an iterator reads; empty if it is none of this endpoint. */
  public String streamOf(String shardIterator) {
    Tokens.ShardIterator iterator = account.tokens().peek(shardIterator);
    return iterator == null ? "" : account.nameOf(iterator.incarnation());
  }

  private Put begin(StreamState stream) {
    StreamAttributes attributes = stream.attributes();
    account.requireKey(attributes);
    return new Put(stream, attributes, account.nowMillis(), account.nowNanos());
  }

  private String iterator(StreamState stream, ShardState shard, long place) {
    return account
        .tokens()
        .encode(
            new Tokens.ShardIterator(
                stream.incarnation(), shard.index(), place, account.nowNanos()));
  }

  private KinesisError throttled(StreamState stream, ShardState shard) {
    return new KinesisError(
        ErrorCode.PROVISIONED_THROUGHPUT_EXCEEDED, rateExceeded(stream, shard.shardId()));
  }

  private String rateExceeded(StreamState stream, String shardId) {
    return "Rate exceeded for shard "
        + shardId
        + " in stream "
        + stream.name()
        + " under account "
        + account.settings().accountId()
        + '.';
  }

  private int[] orderOf(int count) {
    return account.settings().unorderedPutRecords()
        ? account.shuffled(count)
        : IntStream.range(0, count).toArray();
  }

  private static void requireEntryCount(int count) {
    if (count < 1) {
      throw Checks.validation(
          "records", "[]", "Member must have length greater than or equal to 1");
    }
    if (count > MAX_ENTRIES) {
      throw Checks.validation(
          "records",
          count + " entries",
          "Member must have length less than or equal to " + MAX_ENTRIES);
    }
  }

  private static boolean isSpread(StreamAttributes attributes) {
    return attributes.distribution() == RecordDistributionStrategy.AUTO;
  }

  private static long bytesOf(List<KinesisRecord> records) {
    long bytes = 0;
    for (KinesisRecord record : records) {
      bytes += record.data().remaining();
    }
    return bytes;
  }

  /** One call's writes to one stream, all with one arrival time. Confined to the call. */
  private final class Put {
    private final StreamState stream;
    private final StreamAttributes attributes;
    private final long nowMillis;
    private final long nowNanos;
    private final long horizonMillis;

    Put(StreamState stream, StreamAttributes attributes, long nowMillis, long nowNanos) {
      this.stream = stream;
      this.attributes = attributes;
      this.nowMillis = nowMillis;
      this.nowNanos = nowNanos;
      this.horizonMillis = stream.horizonMillis(nowMillis);
    }

    /** Checks what depends on the stream, before anything is stored. */
    void admit(String path, EntryChecks.Checked entry) {
      if (entry.sizeBytes() > attributes.maxRecordBytes()) {
        throw Checks.validation(
            path + "data",
            entry.sizeBytes() + " bytes with the partition key",
            "Member must have length less than or equal to " + attributes.maxRecordBytes());
      }
      if (entry.hashKey() == null && !isSpread(attributes)) {
        throw Checks.invalidArgument(
            path + "partitionKey is missing: stream " + stream.name() + " needs it.");
      }
    }

    void requireOrdering(String minimum) {
      if (isSpread(attributes)) {
        throw Checks.invalidArgument(
            "SequenceNumberForOrdering can't be used with the record distribution strategy AUTO.");
      }
      long place = stream.lineage().open().shards().get(0).numbers().parse(minimum);
      if (place == SequenceFormat.MALFORMED || place == SequenceFormat.OTHER_STREAM) {
        throw Checks.invalidArgument(
            "ExclusiveMinimumSequenceNumber "
                + minimum
                + " used in PutRecord on stream "
                + stream.name()
                + " is invalid.");
      }
    }

    PutResult store(int index, PutEntry entry, EntryChecks.Checked checked, PutFaults faults) {
      // A slice: the caller may go on reading its buffer, which moves the position.
      ByteBuffer data = Checks.required("data", entry.data()).slice();
      ShardTable open = stream.lineage().open();
      Arrival arrival = new Arrival(data, entry.partitionKey(), checked.sizeBytes());
      while (true) {
        ShardState shard = shardFor(open, checked.hashKey());
        ErrorCode fault = faults.onEntry(index, shard.shardId());
        if (fault != null) {
          return PutResult.failed(fault, messageOf(fault, shard));
        }
        switch (shard.append(
            arrival, nowMillis, nowNanos, horizonMillis, attributes.encryption())) {
          case STORED -> {
            shard.signal();
            return PutResult.stored(shard.shardId(), arrival.sequenceNumber());
          }
          case THROTTLED -> {
            return PutResult.failed(
                ErrorCode.PROVISIONED_THROUGHPUT_EXCEEDED, rateExceeded(stream, shard.shardId()));
          }
          case CLOSED -> open = stream.lineage().settledOpen();
        }
      }
    }

    private ShardState shardFor(ShardTable open, @Nullable HashKey hashKey) {
      return hashKey == null || isSpread(attributes)
          ? open.turn(stream.nextTurn())
          : open.route(hashKey);
    }

    private String messageOf(ErrorCode fault, ShardState shard) {
      return fault == ErrorCode.PROVISIONED_THROUGHPUT_EXCEEDED
          ? rateExceeded(stream, shard.shardId())
          : "Internal service failure.";
    }
  }
}
