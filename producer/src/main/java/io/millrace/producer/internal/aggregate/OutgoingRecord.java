package io.millrace.producer.internal.aggregate;

import io.millrace.aggregation.AggregateDecoder;
import io.millrace.aggregation.AggregatedMember;
import io.millrace.aggregation.AggregatedRecord;
import io.millrace.aggregation.Headers;
import io.millrace.model.HashKey;
import io.millrace.model.HashRange;
import io.millrace.producer.ProducerSettings.ContainerKey;
import io.millrace.producer.PutAttempt;
import io.millrace.producer.PutCallback;
import io.millrace.producer.UserRecord;
import io.millrace.producer.internal.send.PutEntry;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A Kinesis record on its way: one user record as it is, or an aggregate. Knows its members' sinks,
 * what it is charged for, when it must be settled and what was tried.
 *
 * <p>Confined to the stream's loop, once a buffer gave it away.
 */
public final class OutgoingRecord {
  private static final int MAX_ATTEMPTS_KEPT = 32;

  private final ShardBuffer buffer;
  private final List<PutCallback> sinks;
  private final boolean plain;
  private final long payloadBytes;
  private final @Nullable HashKey lowestHashKey;
  private final @Nullable HashKey highestHashKey;
  private final @Nullable String firstPartitionKey;

  /** Of a plain record its own, of an aggregate the first member's hash key. */
  private final @Nullable HashKey explicitHashKey;

  private @Nullable String partitionKey;
  private @Nullable OpenAggregate unencoded;
  private byte @Nullable [] data;
  private long dataCharge;
  private long overheadCharge;

  private boolean stamped;
  private long openedNanos;
  private long lingerUntilNanos;
  private long deadlineNanos;

  private List<PutAttempt> attempts = List.of();
  private long attemptEndedNanos;
  private boolean mayHaveBeenWritten;
  private @Nullable FlushEpoch epoch;

  /** An aggregate, or the record that would be alone in one. */
  OutgoingRecord(ShardBuffer buffer, OpenAggregate aggregate) {
    this.buffer = buffer;
    this.sinks = aggregate.sinks();
    this.plain = !aggregate.needsFrame();
    this.payloadBytes = aggregate.payloadBytes();
    this.lowestHashKey = aggregate.lowestHashKey();
    this.highestHashKey = aggregate.highestHashKey();
    this.firstPartitionKey = aggregate.firstPartitionKey();
    this.explicitHashKey = plain ? aggregate.firstExplicitHashKey() : aggregate.firstHashKey();
    this.unencoded = aggregate;
    this.dataCharge = aggregate.chunkBytes();
    this.overheadCharge = aggregate.overheadBytes();
  }

  /** A user record as it is. */
  OutgoingRecord(ShardBuffer buffer, IncomingRecord record, byte[] data) {
    this.buffer = buffer;
    this.sinks = List.of(record.sink());
    this.plain = true;
    this.payloadBytes = data.length;
    this.lowestHashKey = record.hashKey();
    this.highestHashKey = record.hashKey();
    this.firstPartitionKey = record.partitionKey();
    this.explicitHashKey = record.explicitHashKey();
    this.partitionKey = record.partitionKey();
    this.data = data;
    this.dataCharge = data.length;
    this.overheadCharge = (long) IncomingRecord.ALONE_BYTES + record.overheadBytes();
  }

  /** The buffer that is charged for this record; tells its predicted shard. */
  public ShardBuffer buffer() {
    return buffer;
  }

  /** The user records in it. */
  public int memberCount() {
    return sinks.size();
  }

  /** The payloads of its user records, without keys and format. */
  public long payloadBytes() {
    return payloadBytes;
  }

  /** Whether it is an aggregate on the wire, if only of one. */
  public boolean isAggregate() {
    return !plain;
  }

  /** Who waits for the members' outcomes, in order. */
  public List<PutCallback> sinks() {
    return sinks;
  }

  /** What it adds to a request; not less than the truth before it is encoded. */
  public long sizeBytes() {
    long dataBytes =
        unencoded != null ? unencoded.sizeBytes() : Objects.requireNonNull(data).length;
    return dataBytes + (partitionKey == null ? 1 : partitionKey.length());
  }

  /** What is charged to the buffer for it. */
  public long chargedBytes() {
    return dataCharge + overheadCharge;
  }

  /** Whether a shard with this range takes all members: readers judge an aggregate as a whole. */
  public boolean belongsTo(HashRange range) {
    return lowestHashKey == null
        || highestHashKey == null
        || (range.contains(lowestHashKey) && range.contains(highestHashKey));
  }

  /** Where the first member belongs; null if the service chooses. */
  public @Nullable HashKey hashKey() {
    return lowestHashKey;
  }

  /** Closes the encoding, if that was not done: joins chunks, computes the checksum. */
  public void encode(ContainerKey containerKey, RandomGenerator random, AggregatePool pool) {
    OpenAggregate aggregate = unencoded;
    if (aggregate == null) {
      return;
    }
    byte[] encoded = plain ? aggregate.finishPlain() : aggregate.finish();
    data = encoded;
    unencoded = null;
    pool.give(aggregate);
    partitionKey =
        plain
            ? firstPartitionKey
            : switch (containerKey) {
              case CONSTANT -> "a";
              case FIRST_MEMBER -> Objects.requireNonNull(firstPartitionKey);
              case UNIQUE -> Long.toHexString(random.nextLong());
            };
    long excess = dataCharge + IncomingRecord.OPEN_AGGREGATE_BYTES - encoded.length;
    overheadCharge -= IncomingRecord.OPEN_AGGREGATE_BYTES;
    dataCharge = encoded.length;
    buffer.settleCharge(excess);
  }

  /** The entry to send; encoded before. */
  public PutEntry entry() {
    return new PutEntry(partitionKey, explicitHashKey, encoded());
  }

  /** The user records, sharing this record's memory; encoded before. */
  public List<UserRecord> userRecords() {
    List<UserRecord> records = new ArrayList<>(memberCount());
    for (IncomingRecord member : members()) {
      UserRecord.Builder record =
          UserRecord.builder().data(member.data()).headers(member.headers());
      if (member.partitionKey() != null) {
        record.partitionKey(member.partitionKey());
      }
      if (member.explicitHashKey() != null) {
        record.explicitHashKey(member.explicitHashKey());
      }
      records.add(record.build());
    }
    return records;
  }

  /** The user records with their sinks, to be put into other buffers; encoded before. */
  List<IncomingRecord> members() {
    if (plain) {
      return List.of(
          new IncomingRecord(
              firstPartitionKey,
              explicitHashKey,
              lowestHashKey,
              ByteBuffer.wrap(encoded()).asReadOnlyBuffer(),
              Headers.NONE,
              sinks.get(0)));
    }
    if (!(AggregateDecoder.decode(encoded()) instanceof AggregatedRecord aggregate)
        || aggregate.memberCount() != sinks.size()) {
      throw new IllegalStateException("an aggregate of ours does not decode: this is a defect");
    }
    List<IncomingRecord> members = new ArrayList<>(sinks.size());
    for (AggregatedMember member : aggregate) {
      members.add(
          new IncomingRecord(
              member.partitionKey(),
              member.explicitHashKey().orElse(null),
              member.hashKey(),
              member.data(),
              member.headers(),
              sinks.get(member.subSequenceNumber())));
    }
    return members;
  }

  byte[] encoded() {
    return Objects.requireNonNull(data, "encoded before");
  }

  /** Marks when the loop first saw it, which stands for the time of its first put. */
  void stamp(long openedNanos, long lingerNanos, long deliveryNanos) {
    if (!stamped) {
      stamped = true;
      this.openedNanos = openedNanos;
      this.attemptEndedNanos = openedNanos;
      this.lingerUntilNanos = openedNanos + lingerNanos;
      this.deadlineNanos = openedNanos + deliveryNanos;
    }
  }

  /** Takes the age and the past of the record whose members moved here. */
  void inherit(OutgoingRecord source) {
    stamped = true;
    openedNanos = source.openedNanos;
    attemptEndedNanos = source.attemptEndedNanos;
    lingerUntilNanos = source.lingerUntilNanos;
    deadlineNanos = source.deadlineNanos;
    attempts = source.attempts;
    mayHaveBeenWritten = source.mayHaveBeenWritten;
    enter(source.epoch);
  }

  /** Whether members of both may share an aggregate: nothing was tried, and they are of an age. */
  boolean isPeerOf(OutgoingRecord other, long maxAgeDifferenceNanos) {
    return attempts.isEmpty()
        && other.attempts.isEmpty()
        && epoch == other.epoch
        && Math.abs(openedNanos - other.openedNanos) <= maxAgeDifferenceNanos;
  }

  /** When its oldest member was put, to about the loop's reaction time. */
  public long openedNanos() {
    return openedNanos;
  }

  /** Until when it may wait for company. */
  public long lingerUntilNanos() {
    return lingerUntilNanos;
  }

  /** Ends its lingering. */
  public void hurry(long nowNanos) {
    if (lingerUntilNanos - nowNanos > 0) {
      lingerUntilNanos = nowNanos;
    }
  }

  /** When it expires. */
  public long deadlineNanos() {
    return deadlineNanos;
  }

  /** What was tried, oldest first. */
  public List<PutAttempt> attempts() {
    return attempts;
  }

  /** When the last attempt ended, or the first put was. */
  public long attemptEndedNanos() {
    return attemptEndedNanos;
  }

  /** Notes an attempt; of very many only the first and the latest are kept. */
  public void attempted(PutAttempt attempt, long endedNanos, boolean unknownOutcome) {
    List<PutAttempt> grown = new ArrayList<>(attempts.size() + 1);
    grown.addAll(attempts);
    grown.add(attempt);
    if (grown.size() > MAX_ATTEMPTS_KEPT) {
      grown.remove(1);
    }
    attempts = List.copyOf(grown);
    attemptEndedNanos = endedNanos;
    mayHaveBeenWritten |= unknownOutcome;
  }

  /** Whether an earlier attempt ended without an answer. */
  public boolean mayHaveBeenWritten() {
    return mayHaveBeenWritten;
  }

  /** Enters a flush epoch. */
  public void enter(@Nullable FlushEpoch epoch) {
    if (epoch != null && this.epoch == null) {
      this.epoch = epoch;
      epoch.enter();
    }
  }

  /**
   * Gives the payload and its charge back: on success nobody needs it any more. On failure the user
   * records hold on to it.
   */
  public void releaseData() {
    data = null;
    buffer.settleCharge(dataCharge);
    dataCharge = 0;
  }

  /**
   * Gives the rest of the charge back, before the members' outcomes are told, or when they have
   * moved on.
   */
  public void releaseAll() {
    data = null;
    buffer.settleCharge(overheadCharge + dataCharge);
    overheadCharge = 0;
    dataCharge = 0;
  }

  /** Leaves its flush epoch: all outcomes are told, or all members moved on. */
  public void leaveEpoch() {
    if (epoch != null) {
      epoch.leave();
      epoch = null;
    }
  }

  /** Counts and sizes only. */
  @Override
  public String toString() {
    return "OutgoingRecord[" + memberCount() + " user records, " + attempts.size() + " attempts]";
  }
}
