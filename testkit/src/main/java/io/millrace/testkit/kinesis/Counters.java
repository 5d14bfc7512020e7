package io.millrace.testkit.kinesis;

import io.millrace.aggregation.AggregateDecoder;
import io.millrace.aggregation.AggregatedRecord;
import io.millrace.testkit.kinesis.call.Operation;
import io.millrace.testkit.kinesis.call.RecordCall;
import io.millrace.testkit.kinesis.model.ErrorCode;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Counts of calls and records. Thread-safe. */
final class Counters {
  private final Map<Operation, LongAdder> calls = adders(Operation.class);
  private final Map<ErrorCode, LongAdder> errors = adders(ErrorCode.class);
  private final Map<ErrorCode, LongAdder> failedEntries = adders(ErrorCode.class);
  private final LongAdder silentCalls = new LongAdder();
  private final LongAdder resetCalls = new LongAdder();
  private final LongAdder recordsPut = new LongAdder();
  private final LongAdder bytesPut = new LongAdder();
  private final LongAdder userRecordsPut = new LongAdder();
  private final LongAdder recordsRead = new LongAdder();
  private final boolean countsUserRecords;

  /**
   * Starts at 0.
   *
   * @param countsUserRecords whether to look into aggregates, which costs their checksum
   */
  Counters(boolean countsUserRecords) {
    this.countsUserRecords = countsUserRecords;
  }

  void countOutcome(CompletedCall call) {
    add(calls, call.operation(), 1);
    ErrorCode error = call.error();
    if (error != null) {
      add(errors, error, 1);
    }
    switch (call.outcome()) {
      case ANSWERED, REFUSED -> {}
      case SILENT -> silentCalls.increment();
      case RESET -> resetCalls.increment();
    }
  }

  void countPut(RecordCall.PutRecord request) {
    countStored(request.data());
  }

  void countPut(RecordCall.PutRecords request, RecordCall.PutRecordsReply reply) {
    List<RecordCall.PutResult> results = reply.results();
    for (int i = 0; i < results.size(); i++) {
      ErrorCode error = results.get(i).errorCode();
      if (error == null) {
        countStored(request.entries().get(i).data());
      } else {
        add(failedEntries, error, 1);
      }
    }
  }

  void countRead(int records) {
    recordsRead.add(records);
  }

  CoreStatistics statistics() {
    return new CoreStatistics(
        sums(calls),
        sums(errors),
        sums(failedEntries),
        silentCalls.sum(),
        resetCalls.sum(),
        recordsPut.sum(),
        bytesPut.sum(),
        userRecordsPut.sum(),
        recordsRead.sum());
  }

  private void countStored(@Nullable ByteBuffer data) {
    if (data == null) {
      return;
    }
    recordsPut.increment();
    bytesPut.add(data.remaining());
    if (countsUserRecords) {
      userRecordsPut.add(
          AggregateDecoder.decode(data) instanceof AggregatedRecord aggregate
              ? aggregate.memberCount()
              : 1);
    }
  }

  private static <K extends Enum<K>> Map<K, LongAdder> adders(Class<K> type) {
    // Filled at once: afterwards the map is only read, and so needs no lock.
    Map<K, LongAdder> adders = new EnumMap<>(type);
    for (K key : type.getEnumConstants()) {
      adders.put(key, new LongAdder());
    }
    return adders;
  }

  private static <K> void add(Map<K, LongAdder> adders, K key, long count) {
    LongAdder adder = adders.get(key);
    if (adder != null) {
      adder.add(count);
    }
  }

  private static <K extends Enum<K>> Map<K, Long> sums(Map<K, LongAdder> adders) {
    Map<K, Long> sums = new HashMap<>();
    adders.forEach(
        (key, adder) -> {
          if (adder.sum() > 0) {
            sums.put(key, adder.sum());
          }
        });
    return sums;
  }
}
