package io.millrace.producer.internal.aggregate;

import io.millrace.aggregation.AggregateEncoder.AddResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Moves user records to where they belong now: out of aggregates made for a shard that is closed,
 * or for no shard yet, into fresh ones by the routes in force. Keeps their order, their age and
 * what was tried with them.
 *
 * <p>Members of records with a past share an aggregate only with each other, since an aggregate has
 * one list of attempts and one deadline for all of its members.
 *
 * <p>Confined to the stream's loop. Each source's charge is given back as soon as its members have
 * moved, so the budget is overdrawn by one Kinesis record at most.
 */
public final class Regrouper {
  /** Ages that differ by less than this part of the delivery time-out may mix. */
  public static final int AGE_FRACTION = 16;

  /** A Kinesis record whose user records can't be stored on this stream, and why. */
  public record Refused(OutgoingRecord record, String rule) {}

  /** Where everything went. */
  public record Regrouped(Map<ShardBuffer, List<OutgoingRecord>> moved, List<Refused> refused) {}

  private final Routes routes;
  private final AggregatePool pool;
  private final RandomGenerator random;
  private final Map<ShardBuffer, Group> groups = new LinkedHashMap<>();
  private final List<Refused> refused = new ArrayList<>();
  private final List<OutgoingRecord> sources = new ArrayList<>();

  /** Moves records by these routes. */
  public Regrouper(Routes routes, AggregatePool pool, RandomGenerator random) {
    this.routes = routes;
    this.pool = pool;
    this.random = random;
  }

  /** Moves all members of a record, which is to be forgotten afterwards. */
  public void add(OutgoingRecord source) {
    source.encode(source.buffer().packing().containerKey(), random, pool);
    for (IncomingRecord member : source.members()) {
      Optional<String> rule = routes.refusalOf(member);
      ShardBuffer buffer = routes.bufferFor(member.hashKey());
      if (rule.isPresent()) {
        refused.add(new Refused(alone(buffer, member, source), rule.get()));
      } else {
        groups.computeIfAbsent(buffer, Group::new).add(member, source);
      }
    }
    source.releaseAll();
    sources.add(source);
  }

  /** Ends the move. */
  public Regrouped finish() {
    Map<ShardBuffer, List<OutgoingRecord>> moved = new LinkedHashMap<>();
    groups.forEach(
        (buffer, group) -> {
          group.close();
          moved.put(buffer, group.records);
        });
    // Only now: the new records have entered the epochs of the old ones, so none ends in between.
    sources.forEach(OutgoingRecord::leaveEpoch);
    return new Regrouped(moved, refused);
  }

  private OutgoingRecord alone(ShardBuffer buffer, IncomingRecord member, OutgoingRecord source) {
    if (member.partitionKey() != null && member.needsFrame()) {
      OpenAggregate own = pool.takeForOversized();
      if (own.tryAdd(member, bytes -> true) != AddResult.ADDED) {
        throw new IllegalStateException("a moved record does not fit: this is a defect");
      }
      return charged(new OutgoingRecord(buffer, own), source);
    }
    byte[] data = new byte[member.data().remaining()];
    member.data().get(data);
    return charged(new OutgoingRecord(buffer, member, data), source);
  }

  private OutgoingRecord charged(OutgoingRecord record, OutgoingRecord source) {
    record.buffer().settleCharge(-record.chargedBytes());
    record.inherit(source);
    record.encode(record.buffer().packing().containerKey(), random, pool);
    return record;
  }

  /** What goes to one buffer. */
  private final class Group {
    private final ShardBuffer buffer;
    private final Packing packing;
    private final List<OutgoingRecord> records = new ArrayList<>();
    private @Nullable OpenAggregate open;
    private @Nullable OutgoingRecord openSource;

    Group(ShardBuffer buffer) {
      this.buffer = buffer;
      this.packing = buffer.packing();
    }

    void add(IncomingRecord member, OutgoingRecord source) {
      if (!packing.aggregating() || member.partitionKey() == null) {
        close();
        records.add(alone(buffer, member, source));
        return;
      }
      if (openSource != null && !mayShare(openSource, source)) {
        close();
      }
      if (!tryAdd(member, source)) {
        close();
        if (!tryAdd(member, source)) {
          records.add(alone(buffer, member, source));
        }
      }
    }

    private boolean mayShare(OutgoingRecord first, OutgoingRecord second) {
      return first == second || second.isPeerOf(first, packing.deliveryNanos() / AGE_FRACTION);
    }

    private boolean tryAdd(IncomingRecord member, OutgoingRecord source) {
      OpenAggregate aggregate = open == null ? pool.take() : open;
      if (aggregate.memberCount() < packing.maxRecords()
          && aggregate.tryAdd(member, bytes -> true) == AddResult.ADDED) {
        if (open == null) {
          open = aggregate;
          openSource = source;
        }
        return true;
      }
      if (open == null) {
        pool.give(aggregate);
      }
      return false;
    }

    void close() {
      if (open != null && openSource != null) {
        records.add(charged(new OutgoingRecord(buffer, open), openSource));
        open = null;
        openSource = null;
      }
    }
  }
}
