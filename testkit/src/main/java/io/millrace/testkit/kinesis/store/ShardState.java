package io.millrace.testkit.kinesis.store;

import io.millrace.model.HashRange;
import io.millrace.testkit.kinesis.limit.TokenBucket;
import io.millrace.testkit.kinesis.model.ChildShard;
import io.millrace.testkit.kinesis.model.EncryptionType;
import io.millrace.testkit.kinesis.model.KinesisRecord;
import io.millrace.testkit.kinesis.model.ShardInfo;
import io.millrace.testkit.kinesis.settings.CoreSettings;
import io.millrace.testkit.kinesis.settings.ServiceLimits;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A shard with its records. Thread-safe: its own lock guards the records and the end of the shard;
 * nothing foreign runs under it, and no other lock is taken.
 *
 * <p>A place is a record's index in the shard, from 1; a reader's place is that of the record it
 * wants next.
 */
public final class ShardState {
  /** The end of a shard that still takes records. */
  private static final long OPEN = Long.MAX_VALUE;

  private static final Runnable[] NO_WATCHERS = {};

  private final int index;
  private final String shardId;
  private final HashRange range;

  /** Ids, not shards: expired ancestors must not be kept alive with their records. */
  private final List<String> parentIds;

  private final long createdMillis;
  private final SequenceFormat numbers;
  private final long maxBytes;
  private final boolean sink;
  private final boolean endless;
  private final boolean endWithLastRecords;
  private final @Nullable TokenBucket recordsIn;
  private final @Nullable TokenBucket bytesIn;
  private final @Nullable TokenBucket callsOut;
  private final @Nullable TokenBucket bytesOut;

  private final RecordRing ring = new RecordRing();
  private long lastArrivalMillis = Long.MIN_VALUE;
  private volatile long closedMillis = OPEN;
  private volatile List<ChildShard> children = List.of();
  private volatile Runnable[] watchers = NO_WATCHERS;

  ShardState(
      int index, HashRange range, List<String> parentIds, long createdMillis, Origin origin) {
    ServiceLimits limits = origin.settings().limits();
    this.index = index;
    this.shardId = idOf(index);
    this.range = range;
    this.parentIds = List.copyOf(parentIds);
    this.createdMillis = createdMillis;
    this.numbers = new SequenceFormat(createdMillis, origin.streamSalt(), index);
    this.maxBytes = origin.settings().maxBytesPerShard();
    this.sink = origin.settings().sink();
    this.endless = origin.settings().endless();
    this.endWithLastRecords = origin.settings().shardEndWithLastRecords();
    this.recordsIn = bucket(limits.shardRecordsPerSecond(), origin.nowNanos());
    this.bytesIn = bucket(limits.shardBytesPerSecond(), origin.nowNanos());
    this.callsOut = bucket(limits.getRecordsPerSecond(), origin.nowNanos());
    this.bytesOut = bucket(limits.readBytesPerSecond(), origin.nowNanos());
  }

  /**
   * What a shard takes from its stream.
   *
   * @param settings of the endpoint
   * @param streamSalt marks the stream's sequence numbers
   * @param nowNanos when the shard's allowances begin
   */
  record Origin(CoreSettings settings, long streamSalt, long nowNanos) {}

  /** What became of a record. */
  public enum Admission {
    /** It has a sequence number now. */
    STORED,
    /** The shard's throughput is exceeded. */
    THROTTLED,
    /** The shard is closed: route anew. */
    CLOSED
  }

  /** A record on its way into a shard. Confined to its caller. */
  public static final class Arrival {
    private final ByteBuffer data;
    private final @Nullable String partitionKey;
    private final int sizeBytes;
    private String sequenceNumber = "";

    /**
     * Prepares a record.
     *
     * @param sizeBytes of data and key, for the limit of writes
     */
    public Arrival(ByteBuffer data, @Nullable String partitionKey, int sizeBytes) {
      this.data = data;
      this.partitionKey = partitionKey;
      this.sizeBytes = sizeBytes;
    }

    /** The number it was stored under; empty before. */
    public String sequenceNumber() {
      return sequenceNumber;
    }
  }

  /**
   * What a reader gets.
   *
   * @param records in order
   * @param nextPlace where to go on
   * @param end whether the shard is closed and read to its end
   * @param millisBehindLatest distance to the tip
   */
  public record Page(
      List<KinesisRecord> records, long nextPlace, boolean end, long millisBehindLatest) {}

  /** The id of the shard with an index. */
  public static String idOf(int index) {
    return String.format(Locale.ROOT, "shardId-%012d", index);
  }

  /** The number in the id. */
  public int index() {
    return index;
  }

  /** The id. */
  public String shardId() {
    return shardId;
  }

  /** The hash keys that it owns, or owned. */
  public HashRange range() {
    return range;
  }

  /** When it came to be, in milliseconds; later than its parents' end. */
  public long createdMillis() {
    return createdMillis;
  }

  /** When it was closed, in milliseconds; the largest long while it is open. */
  public long closedMillis() {
    return closedMillis;
  }

  /** Whether it takes records. */
  public boolean isOpen() {
    return closedMillis == OPEN;
  }

  /** The shards that took over; empty while it is open. */
  public List<ChildShard> children() {
    return children;
  }

  /** Its sequence numbers. */
  public SequenceFormat numbers() {
    return numbers;
  }

  /** Describes it as ListShards does. */
  public synchronized ShardInfo describe() {
    return new ShardInfo(
        shardId,
        parentIds.isEmpty() ? null : parentIds.get(0),
        parentIds.size() < 2 ? null : parentIds.get(1),
        range.start().toString(),
        range.end().toString(),
        numbers.render(0),
        isOpen() ? null : numbers.render(ring.next()));
  }

  /** Stores a record, or says why not. The caller signals the watchers afterwards. */
  public synchronized Admission append(
      Arrival arrival,
      long nowMillis,
      long nowNanos,
      long horizonMillis,
      EncryptionType encryption) {
    if (!isOpen()) {
      return Admission.CLOSED;
    }
    if (!admitsWrite(arrival.sizeBytes, nowNanos)) {
      return Admission.THROTTLED;
    }
    arrival.sequenceNumber = numbers.render(ring.next());
    if (sink) {
      ring.skip();
      return Admission.STORED;
    }
    // A wall clock may go back; arrival times must not, since readers search them.
    lastArrivalMillis = Math.max(lastArrivalMillis, nowMillis);
    ring.add(
        new KinesisRecord(
            arrival.sequenceNumber,
            Instant.ofEpochMilli(lastArrivalMillis),
            arrival.data,
            arrival.partitionKey,
            encryption));
    trim(horizonMillis);
    return Admission.STORED;
  }

  /** Whether the shard's allowance for GetRecords holds; takes one call if so. */
  public synchronized boolean admitRead(long nowNanos) {
    if (bytesOut != null && !bytesOut.hasAny(nowNanos)) {
      return false;
    }
    return callsOut == null || callsOut.tryTake(1, nowNanos);
  }

  /** Charges bytes that GetRecords returned; may leave a debt that refuses the next calls. */
  public synchronized void chargeRead(long bytes) {
    if (bytesOut != null) {
      bytesOut.take(bytes);
    }
  }

  /**
   * Reads from a place on.
   *
   * @param place where to begin; a trimmed place means the oldest record kept
   * @param maxRecords most records, 0 or more
   * @param maxBytes most bytes, but at least one record is returned where {@code maxRecords} allows
   */
  public synchronized Page read(
      long place, int maxRecords, long maxBytes, long nowMillis, long horizonMillis) {
    trim(horizonMillis);
    if (endless && !ring.isEmpty()) {
      return readEndless(place, maxRecords, maxBytes);
    }
    long from = Math.min(Math.max(place, ring.first()), ring.next());
    int expected = (int) Math.min(maxRecords, ring.next() - from);
    List<KinesisRecord> records = new ArrayList<>(expected);
    long bytes = 0;
    long at = from;
    while (at < ring.next() && records.size() < maxRecords) {
      KinesisRecord record = ring.get(at);
      bytes += RecordRing.sizeOf(record);
      if (bytes > maxBytes && !records.isEmpty()) {
        break;
      }
      records.add(record);
      at++;
    }
    boolean end = !isOpen() && at == ring.next() && (endWithLastRecords || records.isEmpty());
    return new Page(records, at, end, millisBehind(at, nowMillis));
  }

  /** The same records again behind the newest, each under the number of its place. */
  private Page readEndless(long place, int maxRecords, long maxBytes) {
    long kept = ring.next() - ring.first();
    List<KinesisRecord> records = new ArrayList<>();
    long bytes = 0;
    long at = Math.max(place, ring.first());
    while (records.size() < maxRecords) {
      KinesisRecord record = ring.get(ring.first() + (at - ring.first()) % kept);
      bytes += RecordRing.sizeOf(record);
      if (bytes > maxBytes && !records.isEmpty()) {
        break;
      }
      records.add(renumbered(record, numbers.render(at)));
      at++;
    }
    return new Page(records, at, false, 1);
  }

  private static KinesisRecord renumbered(KinesisRecord record, String number) {
    return new KinesisRecord(
        number,
        record.approximateArrivalTimestamp(),
        record.data(),
        record.partitionKey(),
        record.encryptionType());
  }

  /** The place after the newest record. */
  public synchronized long latestPlace() {
    return ring.next();
  }

  /** The place of the first record that arrived at or after a time. */
  public synchronized long placeSince(long arrivalMillis, long horizonMillis) {
    trim(horizonMillis);
    return ring.firstSince(arrivalMillis);
  }

  /** Whether a number at this place was given out: by a record, or as a bound of the shard. */
  public synchronized boolean isIssued(long place) {
    if (endless) {
      return place >= 0;
    }
    return place >= 0 && (isOpen() ? place < ring.next() : place <= ring.next());
  }

  /** All records kept. */
  public synchronized List<KinesisRecord> records(long horizonMillis) {
    trim(horizonMillis);
    List<KinesisRecord> records = new ArrayList<>();
    for (long place = ring.first(); place < ring.next(); place++) {
      records.add(ring.get(place));
    }
    return records;
  }

  /** Ends the shard; nothing is stored after. */
  synchronized void close(long stampMillis, List<ChildShard> successors) {
    children = List.copyOf(successors);
    closedMillis = stampMillis;
  }

  /** Adds what to run after records came or the shard ended. */
  public synchronized void watch(Runnable watcher) {
    Runnable[] more = Arrays.copyOf(watchers, watchers.length + 1);
    more[watchers.length] = watcher;
    watchers = more;
  }

  /** Takes a watcher away; it may still run once. */
  public synchronized void unwatch(Runnable watcher) {
    List<Runnable> left = new ArrayList<>(List.of(watchers));
    left.remove(watcher);
    watchers = left.toArray(NO_WATCHERS);
  }

  /** Runs the watchers; never under a lock. */
  public void signal() {
    for (Runnable watcher : watchers) {
      watcher.run();
    }
  }

  private boolean admitsWrite(int sizeBytes, long nowNanos) {
    if (recordsIn != null && !recordsIn.has(1, nowNanos)) {
      return false;
    }
    if (bytesIn != null && !bytesIn.tryTake(sizeBytes, nowNanos)) {
      return false;
    }
    if (recordsIn != null) {
      recordsIn.take(1);
    }
    return true;
  }

  private void trim(long horizonMillis) {
    while (!ring.isEmpty() && isBeyond(horizonMillis)) {
      ring.removeFirst();
    }
  }

  private boolean isBeyond(long horizonMillis) {
    if (maxBytes > 0 && ring.bytes() > maxBytes) {
      return true;
    }
    return ring.get(ring.first()).approximateArrivalTimestamp().toEpochMilli() < horizonMillis;
  }

  private long millisBehind(long place, long nowMillis) {
    if (place < ring.next()) {
      long oldestUnread =
          ring.get(Math.max(place, ring.first())).approximateArrivalTimestamp().toEpochMilli();
      // Zero would say that the reader is at the tip.
      return Math.max(1, nowMillis - oldestUnread);
    }
    return 0;
  }

  private static @Nullable TokenBucket bucket(long perSecond, long nowNanos) {
    return perSecond == 0 ? null : new TokenBucket(perSecond, nowNanos);
  }
}
