package io.millrace.producer.internal.loop;

import io.millrace.model.HashRange;
import io.millrace.producer.ProducerSettings;
import io.millrace.producer.PutAttempt;
import io.millrace.producer.PutFailure;
import io.millrace.producer.internal.aggregate.OutgoingRecord;
import io.millrace.producer.internal.batch.PutRequest;
import io.millrace.producer.internal.batch.PutRequest.Parcel;
import io.millrace.producer.internal.batch.ShardLane;
import io.millrace.producer.internal.route.KnownRanges;
import io.millrace.producer.internal.route.ShardMap;
import io.millrace.producer.internal.send.FullJitter;
import io.millrace.producer.internal.send.PutRecordsReply;
import io.millrace.producer.internal.send.ServiceFailure;
import io.millrace.producer.internal.settle.Outcome;
import io.millrace.producer.internal.settle.ReplyJudge;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * From replies to the records' fates: done, given up, again in the same lane after a wait, or back
 * to route. Holds the records in doubt: stored on a shard whose range is not known yet.
 *
 * <p>Confined to the stream's loop. Whatever comes in leaves by exactly one of these ways.
 */
final class Settler {
  private static final Duration BACKOFF_FIRST = Duration.ofMillis(50);
  private static final Duration BACKOFF_CAP = Duration.ofSeconds(5);

  /** Readings of the shards after which a shard that was never seen counts as unknowable. */
  private static final int DOUBT_LOADS = 2;

  private final StreamParts parts;
  private final ProducerSettings settings;
  private final Rerouter rerouter;
  private final StreamDescriber describer;
  private final FullJitter backoff;
  private final KnownRanges ranges = new KnownRanges();
  private final List<Doubt> doubts = new ArrayList<>();

  /** What a reply said beside the outcomes. */
  private record Reply(PutRequest request, int httpStatus, String requestId, long nowNanos) {
    Duration duration() {
      return Duration.ofNanos(nowNanos - request.leftNanos());
    }
  }

  private record Doubt(Parcel parcel, Outcome.Accepted accepted, Reply reply, long loadsWhenMet) {}

  Settler(StreamParts parts, Rerouter rerouter, StreamDescriber describer) {
    this.parts = parts;
    this.settings = parts.intake().settings();
    this.rerouter = rerouter;
    this.describer = describer;
    this.backoff = new FullJitter(BACKOFF_FIRST, BACKOFF_CAP, parts.random());
  }

  /** The service answered. */
  void replied(PutRequest request, PutRecordsReply answer, long nowNanos) {
    Reply reply = new Reply(request, answer.httpStatus(), answer.requestId(), nowNanos);
    Round round = new Round(reply, true, nowNanos);
    List<Outcome> outcomes = ReplyJudge.judge(answer, request.parcels().size());
    for (int i = 0; i < outcomes.size(); i++) {
      round.settle(request.parcels().get(i), outcomes.get(i));
    }
    round.end();
    noteTrouble(outcomes, nowNanos);
  }

  /** A reply that stored nothing is trouble, too, though the request passed. */
  private void noteTrouble(List<Outcome> outcomes, long nowNanos) {
    for (Outcome outcome : outcomes) {
      if (outcome instanceof Outcome.Accepted) {
        parts.trouble().succeeded(nowNanos);
        return;
      }
    }
    Outcome first = outcomes.get(0);
    parts
        .trouble()
        .failed(
            first.code(),
            "PutRecords: " + first.message(),
            first instanceof Outcome.Throttled,
            nowNanos);
  }

  /** The request failed as a whole, and is not to be sent in halves. */
  void failed(PutRequest request, ServiceFailure failure, long nowNanos) {
    Reply reply = new Reply(request, failure.httpStatus(), failure.requestId(), nowNanos);
    Round round = new Round(reply, false, nowNanos);
    Outcome outcome = ReplyJudge.judge(failure, parts.contact().wasAccepted());
    for (Parcel parcel : request.parcels()) {
      round.settle(parcel, outcome);
    }
    round.end();
  }

  /** Shards were read: records in doubt may be judged now. */
  void described(ShardMap map, long nowNanos) {
    ranges.add(map);
    List<Doubt> open = List.copyOf(doubts);
    doubts.clear();
    for (Doubt doubt : open) {
      Round round = new Round(doubt.reply, true, nowNanos);
      round.accepted(doubt.parcel, doubt.accepted, doubt.loadsWhenMet);
      round.end();
    }
  }

  /** Whether records are in doubt. */
  boolean hasDoubts() {
    return !doubts.isEmpty();
  }

  /** Gives up records in doubt whose time is over. */
  void expire(long nowNanos) {
    List<Doubt> open = List.copyOf(doubts);
    doubts.clear();
    for (Doubt doubt : open) {
      if (doubt.parcel.record().deadlineNanos() - nowNanos <= 0) {
        expired(unresolved(doubt));
        parts.lanes().settled(doubt.parcel.lane(), nowNanos);
      } else {
        doubts.add(doubt);
      }
    }
  }

  /** Removes the records in doubt, which may have been written. */
  void abandon(Consumer<OutgoingRecord> into) {
    for (Doubt doubt : doubts) {
      into.accept(unresolved(doubt));
    }
    doubts.clear();
  }

  private static OutgoingRecord unresolved(Doubt doubt) {
    attempted(
        doubt.parcel,
        "UnknownShard",
        "stored on " + doubt.accepted.shard() + ", whose range is not known",
        doubt.reply,
        true);
    return doubt.parcel.record();
  }

  /** The age of the oldest record in doubt; -1 if none is. */
  long oldestAgeNanos(long nowNanos) {
    long age = -1;
    for (Doubt doubt : doubts) {
      age = Math.max(age, nowNanos - doubt.parcel.record().openedNanos());
    }
    return age;
  }

  /** A waiting record ran out of time. */
  void expired(OutgoingRecord record) {
    List<PutAttempt> attempts = record.attempts();
    PutAttempt last = attempts.isEmpty() ? null : attempts.get(attempts.size() - 1);
    giveUp(
        record,
        PutFailure.EXPIRED,
        parts
            .text()
            .expired(
                attempts.size(),
                last == null ? describer.trouble().code() : last.code(),
                last == null ? describer.trouble().message() : last.message()),
        null);
  }

  /** A record that the service, or what is known of the stream, refuses for good. */
  void refused(OutgoingRecord record, Outcome.Refused why) {
    giveUp(
        record,
        why.reason(),
        parts.text().refused(why.reason(), why.code(), why.message()),
        why.cause());
  }

  private void giveUp(
      OutgoingRecord record, PutFailure reason, String message, @Nullable Throwable cause) {
    parts.meters().failed(parts.laneOf(record), record, reason.name());
    parts.deliveries().failed(record, reason, message, cause);
  }

  private static void attempted(
      Parcel parcel, Outcome outcome, Reply reply, boolean unknownOutcome) {
    attempted(parcel, outcome.code(), outcome.message(), reply, unknownOutcome);
  }

  private static void attempted(
      Parcel parcel, String code, String message, Reply reply, boolean unknownOutcome) {
    OutgoingRecord record = parcel.record();
    long delayNanos = reply.request.leftNanos() - record.attemptEndedNanos();
    record.attempted(
        new PutAttempt(
            Duration.ofNanos(Math.max(0, delayNanos)),
            reply.duration(),
            reply.httpStatus,
            code,
            message,
            reply.requestId),
        reply.nowNanos,
        unknownOutcome);
  }

  /** The settling of one reply: what goes again is gathered first, so that its order is kept. */
  private final class Round {
    private final Reply reply;
    private final boolean backsOffLanes;
    private final long nowNanos;
    private final Map<ShardLane, List<OutgoingRecord>> again = new LinkedHashMap<>();
    private final List<OutgoingRecord> moved = new ArrayList<>();
    private final List<ShardLane> settled = new ArrayList<>();
    private boolean streamIsMissing;

    Round(Reply reply, boolean backsOffLanes, long nowNanos) {
      this.reply = reply;
      this.backsOffLanes = backsOffLanes;
      this.nowNanos = nowNanos;
    }

    void settle(Parcel parcel, Outcome outcome) {
      if (outcome instanceof Outcome.Accepted accepted) {
        accepted(parcel, accepted, describer.shardLoads());
        return;
      }
      parts.meters().rejected(parcel.lane(), outcome.code(), parcel.record().memberCount());
      attempted(parcel, outcome, reply, outcome instanceof Outcome.Unknown);
      settled.add(parcel.lane());
      if (outcome instanceof Outcome.Refused refused) {
        streamIsMissing |= refused.reason() == PutFailure.STREAM_MISSING;
        refused(parcel.record(), refused);
        return;
      }
      if (outcome instanceof Outcome.Throttled throttled) {
        boolean cut = parcel.lane().limiter().throttled(reply.request.leftNanos(), nowNanos);
        parts.meters().throttled(parcel.lane(), cut);
        if (settings.failWhenThrottled()) {
          giveUp(
              parcel.record(),
              PutFailure.THROTTLED,
              parts.text().refused(PutFailure.THROTTLED, throttled.code(), throttled.message()),
              null);
          return;
        }
      }
      retry(parcel);
    }

    private void retry(Parcel parcel) {
      if (backsOffLanes) {
        backOff(parcel.lane());
      }
      again(parcel);
    }

    private void backOff(ShardLane lane) {
      int failures = lane.failed(reply.request);
      if (failures > 0) {
        lane.backOffUntil(nowNanos + backoff.nanosAfter(failures));
      }
    }

    private void again(Parcel parcel) {
      OutgoingRecord record = parcel.record();
      if (record.deadlineNanos() - nowNanos <= 0) {
        expired(record);
      } else if (parcel.lane().isRetired()) {
        moved.add(record);
      } else {
        again.computeIfAbsent(parcel.lane(), l -> new ArrayList<>()).add(record);
      }
    }

    /** Stored, but where? */
    void accepted(Parcel parcel, Outcome.Accepted accepted, long loadsWhenMet) {
      ShardLane lane = parcel.lane();
      boolean predicted =
          lane.shard().map(shard -> shard.id().equals(accepted.shard())).orElse(true);
      if (!predicted && !lane.isRetired()) {
        // A lane in force whose records land elsewhere: the map is out of date.
        describer.want(nowNanos);
      }
      if (predicted || !parcel.record().isAggregate()) {
        stored(parcel, accepted);
        return;
      }
      Optional<HashRange> actual = ranges.of(accepted.shard());
      if (actual.isPresent() && parcel.record().belongsTo(actual.get())) {
        stored(parcel, accepted);
      } else if (actual.isPresent() || describer.shardLoads() - loadsWhenMet >= DOUBT_LOADS) {
        misplaced(parcel, accepted);
      } else {
        backOff(lane);
        doubts.add(new Doubt(parcel, accepted, reply, loadsWhenMet));
        describer.want(nowNanos);
      }
    }

    private void stored(Parcel parcel, Outcome.Accepted accepted) {
      boolean possibleDuplicate = parcel.record().mayHaveBeenWritten();
      parcel.lane().succeeded(reply.request);
      attempted(parcel, accepted, reply, false);
      parts
          .meters()
          .stored(
              parcel.record(), accepted.shard(), reply.nowNanos - parcel.record().openedNanos());
      parts
          .deliveries()
          .stored(parcel.record(), accepted.shard(), accepted.sequenceNumber(), possibleDuplicate);
      settled.add(parcel.lane());
    }

    /**
     * Readers discard an aggregate that their shard's range does not hold as a whole, so all
     * members go again by the routes in force. While these still name this lane, it backs off.
     */
    private void misplaced(Parcel parcel, Outcome.Accepted accepted) {
      backOff(parcel.lane());
      attempted(
          parcel,
          "WrongShard",
          "stored on " + accepted.shard() + ", whose range does not hold all members",
          reply,
          true);
      parts.meters().misplaced(accepted.shard(), parcel.record().memberCount());
      settled.add(parcel.lane());
      if (parcel.record().deadlineNanos() - nowNanos <= 0) {
        expired(parcel.record());
      } else {
        moved.add(parcel.record());
      }
    }

    void end() {
      again.forEach((lane, records) -> parts.lanes().addFirst(lane, records, nowNanos));
      rerouter.reroute(moved, nowNanos);
      for (ShardLane lane : settled) {
        parts.lanes().settled(lane, nowNanos);
      }
      if (streamIsMissing) {
        ranges.clear();
        describer.forget(nowNanos);
      }
    }
  }
}
