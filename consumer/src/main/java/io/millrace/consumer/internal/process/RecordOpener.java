package io.millrace.consumer.internal.process;

import io.millrace.aggregation.AggregateDecoder;
import io.millrace.aggregation.AggregatedMember;
import io.millrace.aggregation.AggregatedRecord;
import io.millrace.aggregation.DecodedRecord;
import io.millrace.aggregation.KeyHashMemory;
import io.millrace.consumer.failure.CorruptAggregates;
import io.millrace.consumer.internal.checkpoint.Acknowledgements;
import io.millrace.consumer.internal.checkpoint.Ahead;
import io.millrace.consumer.internal.fetch.KinesisRecord;
import io.millrace.model.HashRange;
import io.millrace.model.Position;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens fetched Kinesis records into user records, a few at a time: members are slices, made when
 * they are about to be delivered.
 *
 * <p>Drops what an earlier ownership has checkpointed, and, as the KCL does, every aggregate with a
 * member outside the shard's hash range: its producer has sent all of it again. Both count as
 * acknowledged.
 *
 * <p>Confined to whoever has the opening turn of the delivery.
 */
final class RecordOpener {
  private static final Logger log = LoggerFactory.getLogger(RecordOpener.class);

  private static final BitSet NO_MEMBER = new BitSet(0);

  private final DeliveredRecord.Origin origin;
  private final @Nullable HashRange range;
  private final KeyHashMemory keyHashes;
  private final CorruptAggregates corruptAggregates;
  private final DeliveryMeters meters;

  private final ArrayDeque<KinesisRecord> pulled = new ArrayDeque<>();
  private Iterator<AggregatedMember> members = Collections.emptyIterator();
  private Acknowledgements.@Nullable Entry membersEntry;

  /** Null once a record behind it was seen: later ones need no comparison. */
  private @Nullable Position startAfter;

  private final Ahead ahead;

  /** Of the open aggregate: members that an earlier owner has acknowledged. */
  private BitSet doneMembers = NO_MEMBER;

  /**
   * What one turn brought.
   *
   * @param entries Kinesis records that were opened, in order
   * @param records user records to deliver, in order
   * @param done user records that an earlier owner has acknowledged
   */
  record Opened(
      List<Acknowledgements.Entry> entries, List<DeliveredRecord> records, List<Done> done) {}

  /**
   * A user record that need not be delivered.
   *
   * @param entry its Kinesis record
   * @param subSequenceNumber its index there
   */
  record Done(Acknowledgements.Entry entry, int subSequenceNumber) {}

  RecordOpener(
      DeliveredRecord.Origin origin,
      Optional<HashRange> range,
      KeyHashMemory keyHashes,
      CorruptAggregates corruptAggregates,
      Optional<Position> startAfter,
      Ahead ahead,
      DeliveryMeters meters) {
    this.origin = origin;
    this.range = range.orElse(null);
    this.keyHashes = keyHashes;
    this.corruptAggregates = corruptAggregates;
    this.startAfter = startAfter.orElse(null);
    this.ahead = ahead;
    this.meters = meters;
  }

  /** Takes a fetched record over. */
  void pull(KinesisRecord fetched) {
    pulled.add(fetched);
  }

  /** Whether there is something to open without pulling. */
  boolean hasMore() {
    return members.hasNext() || !pulled.isEmpty();
  }

  /** Opens until {@code atLeast} user records are there, or nothing is left to open. */
  Opened open(int atLeast) {
    List<Acknowledgements.Entry> entries = new ArrayList<>();
    List<DeliveredRecord> records = new ArrayList<>(atLeast);
    List<Done> done = new ArrayList<>(0);
    while (records.size() < atLeast) {
      if (members.hasNext()) {
        AggregatedMember member = members.next();
        if (doneMembers.get(member.subSequenceNumber())) {
          done.add(new Done(currentEntry(), member.subSequenceNumber()));
        } else {
          records.add(DeliveredRecord.member(origin, currentEntry(), member));
        }
      } else if (pulled.isEmpty()) {
        break;
      } else {
        openContainer(pulled.remove(), entries, records);
      }
    }
    return new Opened(entries, records, done);
  }

  private Acknowledgements.Entry currentEntry() {
    if (membersEntry == null) {
      throw new IllegalStateException("an aggregate is open without an entry: this is a defect");
    }
    return membersEntry;
  }

  private void openContainer(
      KinesisRecord fetched, List<Acknowledgements.Entry> entries, List<DeliveredRecord> records) {
    DecodedRecord decoded = AggregateDecoder.decode(fetched.data());
    if (decoded instanceof AggregatedRecord aggregate) {
      entries.add(openAggregate(fetched, aggregate));
      return;
    }
    int first = firstMember(fetched, 1);
    if (doneOf(fetched, 1).get(0)) {
      first = 1;
    }
    Acknowledgements.Entry entry = entry(fetched, 1, first);
    entries.add(entry);
    if (first > 0) {
      return;
    }
    boolean withheld = false;
    if (decoded instanceof DecodedRecord.Corrupt corrupt) {
      report(fetched, corrupt);
      withheld = corruptAggregates != CorruptAggregates.DELIVER_RAW;
    }
    records.add(
        withheld
            ? DeliveredRecord.corrupt(origin, entry, fetched.partitionKey(), fetched.data())
            : DeliveredRecord.plain(origin, entry, fetched.partitionKey(), fetched.data()));
  }

  private Acknowledgements.Entry openAggregate(KinesisRecord fetched, AggregatedRecord aggregate) {
    int count = aggregate.memberCount();
    int first = firstMember(fetched, count);
    doneMembers = doneOf(fetched, count);
    if (doneMembers.nextClearBit(first) >= count) {
      first = count;
    }
    if (first < count && range != null && !aggregate.isWithin(range, keyHashes)) {
      meters.droppedAggregate(count);
      log.debug(
          "dropped an aggregate of {} at {} of {}: it has members outside the shard's hash range",
          count,
          fetched.sequenceNumber(),
          origin.shard());
      first = count;
    }
    Acknowledgements.Entry entry = entry(fetched, count, first);
    members = aggregate.iteratorFrom(first);
    membersEntry = entry;
    return entry;
  }

  private static Acknowledgements.Entry entry(KinesisRecord fetched, int members, int first) {
    return new Acknowledgements.Entry(
        fetched.sequenceNumber(), members, first, fetched.chargedBytes(), fetched.arrival());
  }

  /** The index of the first user record behind the checkpoint that the ownership began with. */
  private int firstMember(KinesisRecord fetched, int count) {
    Position start = startAfter;
    if (start == null) {
      return 0;
    }
    int order = fetched.sequenceNumber().compareTo(start.sequenceNumber());
    if (order > 0) {
      startAfter = null;
      return 0;
    }
    return order < 0 ? count : (int) Math.min(count, start.subSequenceNumber() + 1);
  }

  /** What an earlier owner has acknowledged of a record beyond its checkpoint. */
  private BitSet doneOf(KinesisRecord fetched, int count) {
    Position start = startAfter;
    if (ahead.isEmpty()) {
      return NO_MEMBER;
    }
    if (start == null) {
      return ahead.next(fetched.sequenceNumber(), count);
    }
    return fetched.sequenceNumber().equals(start.sequenceNumber())
        ? ahead.inHead(fetched.sequenceNumber())
        : NO_MEMBER;
  }

  private void report(KinesisRecord fetched, DecodedRecord.Corrupt corrupt) {
    meters.corruptAggregate();
    log.warn(
        "corrupt aggregate at {} of {}: {} at byte {} of {}; policy {}",
        fetched.sequenceNumber(),
        origin.shard(),
        corrupt.reason(),
        corrupt.offset(),
        fetched.data().remaining(),
        corruptAggregates);
  }
}
