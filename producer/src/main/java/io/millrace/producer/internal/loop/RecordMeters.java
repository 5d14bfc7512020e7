package io.millrace.producer.internal.loop;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Timer;
import io.millrace.producer.internal.aggregate.OutgoingRecord;
import java.util.HashMap;
import java.util.Map;

/**
 * What becomes of Kinesis records, of one stream or of one shard. Confined to the stream's loop,
 * but for the rate factor, which any thread may read.
 */
final class RecordMeters {
  private final MeterScope scope;
  private final Counter storedUserRecords;
  private final Counter storedPayloadBytes;
  private final Counter storedRecords;
  private final Counter storedBytes;
  private final DistributionSummary members;
  private final DistributionSummary retries;
  private final Timer buffering;
  private final Counter misplacedUserRecords;
  private final Counter misplacedAggregates;
  private final Counter throttled;
  private final Counter cuts;
  private final Map<String, Counter> rejectedByCode = new HashMap<>();
  private final Map<String, Counter> failedByReason = new HashMap<>();

  RecordMeters(MeterScope scope) {
    this.scope = scope;
    storedUserRecords = scope.counter("records.stored", "User records stored");
    storedPayloadBytes = scope.counter("bytes.stored", "Payload bytes of user records stored");
    storedRecords = scope.counter("kinesis.records.stored", "Kinesis records stored");
    storedBytes = scope.counter("kinesis.bytes.stored", "Bytes stored, keys and format included");
    members = scope.summary("kinesis.record.members", "User records per Kinesis record stored", "");
    retries =
        scope.summary("record.retries", "Attempts after the first, per Kinesis record settled", "");
    buffering =
        scope.timer(
            "record.buffering",
            "From the oldest member's put to the first request, per Kinesis record stored");
    misplacedUserRecords =
        scope.counter(
            "records.misplaced",
            "User records whose aggregate landed on a shard that does not hold all members");
    misplacedAggregates =
        scope.counter(
            "aggregates.misplaced",
            "Stale aggregates: left on a shard that does not hold all members, and sent anew");
    throttled =
        scope.counter("kinesis.records.throttled", "Kinesis records throttled by the service");
    cuts = scope.counter("rate.cuts", "Times a shard's rate was cut");
  }

  void stored(OutgoingRecord record) {
    storedUserRecords.increment(record.memberCount());
    storedPayloadBytes.increment((double) record.payloadBytes());
    storedRecords.increment();
    storedBytes.increment((double) record.sizeBytes());
    members.record(record.memberCount());
    retries.record(record.attempts().size() - 1);
    buffering.record(record.attempts().get(0).delay());
  }

  void rejected(String code, int userRecords) {
    rejectedByCode
        .computeIfAbsent(
            code,
            c -> scope.counter("records.rejected", "User records in failed attempts", "code", c))
        .increment(userRecords);
  }

  void failed(OutgoingRecord record, String reason) {
    failedByReason
        .computeIfAbsent(
            reason, r -> scope.counter("records.failed", "User records given up", "reason", r))
        .increment(record.memberCount());
    retries.record(Math.max(0, record.attempts().size() - 1));
  }

  void misplaced(int userRecords) {
    misplacedUserRecords.increment(userRecords);
    misplacedAggregates.increment();
  }

  void throttled(boolean cut) {
    throttled.increment();
    if (cut) {
      cuts.increment();
    }
  }

  void close() {
    scope.close();
  }
}
