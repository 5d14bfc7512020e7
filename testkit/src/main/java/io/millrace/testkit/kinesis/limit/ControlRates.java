package io.millrace.testkit.kinesis.limit;

import io.millrace.testkit.kinesis.call.Operation;
import io.millrace.testkit.kinesis.model.ErrorCode;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The rates of the calls that are not about records, per account, stream or shard. Thread-safe.
 * Keeps the buckets of the 10,000 scopes used last; an older scope starts full again.
 *
 * <p>The numbers are those of the service's API reference and its page of quotas and limits.
 */
public final class ControlRates {
  private static final int MAX_SCOPES = 10_000;
  private static final long DAY_NANOS = 86_400_000_000_000L;
  private static final Map<Operation, Rate> RATES = rates();

  private final Map<String, TokenBucket> buckets = bounded();
  private final Map<String, ArrayDeque<Long>> daily = bounded();

  /**
   * Takes a call's allowance.
   *
   * @param stream the stream's name, or empty if the request names none
   * @param detail what further parts the scope: the shard, and the consumer for subscriptions
   * @return why to refuse the call; empty if it may proceed
   */
  public synchronized Optional<ErrorCode> admit(
      Operation operation, String stream, String detail, long nowNanos) {
    Rate rate = RATES.get(operation);
    if (rate == null) {
      return Optional.empty();
    }
    String scope = rate.scope().key(operation, stream, detail);
    boolean admitted =
        buckets
            .computeIfAbsent(scope, key -> new TokenBucket(rate.perSecond(), nowNanos))
            .tryTake(1, nowNanos);
    if (!admitted) {
      return Optional.of(rate.error());
    }
    if (rate.perDay() > 0 && !admitDaily(scope, rate.perDay(), nowNanos)) {
      return Optional.of(rate.error());
    }
    return Optional.empty();
  }

  private boolean admitDaily(String scope, int perDay, long nowNanos) {
    ArrayDeque<Long> calls = daily.computeIfAbsent(scope, key -> new ArrayDeque<>());
    while (!calls.isEmpty() && nowNanos - calls.getFirst() >= DAY_NANOS) {
      calls.removeFirst();
    }
    if (calls.size() >= perDay) {
      return false;
    }
    calls.addLast(nowNanos);
    return true;
  }

  private static <V> Map<String, V> bounded() {
    return new LinkedHashMap<>(16, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
        return size() > MAX_SCOPES;
      }
    };
  }

  private static Map<Operation, Rate> rates() {
    Map<Operation, Rate> rates = new EnumMap<>(Operation.class);
    for (Operation operation : Operation.values()) {
      switch (operation) {
        case PUT_RECORD, PUT_RECORDS, GET_RECORDS -> {}
        case LIST_SHARDS -> rates.put(operation, Rate.of(1_000, Scope.STREAM));
        case DESCRIBE_STREAM_SUMMARY, DESCRIBE_STREAM_CONSUMER ->
            rates.put(operation, Rate.of(20, Scope.ACCOUNT));
        case DESCRIBE_STREAM -> rates.put(operation, Rate.of(10, Scope.ACCOUNT));
        case DESCRIBE_LIMITS -> rates.put(operation, Rate.of(1, Scope.ACCOUNT));
        case GET_SHARD_ITERATOR ->
            rates.put(
                operation, new Rate(5, 0, Scope.DETAIL, ErrorCode.PROVISIONED_THROUGHPUT_EXCEEDED));
        case SUBSCRIBE_TO_SHARD -> rates.put(operation, Rate.of(1, Scope.DETAIL));
        case UPDATE_SHARD_COUNT ->
            rates.put(operation, new Rate(5, 10, Scope.STREAM, ErrorCode.LIMIT_EXCEEDED));
        case UPDATE_STREAM_MODE ->
            rates.put(operation, new Rate(5, 2, Scope.STREAM, ErrorCode.LIMIT_EXCEEDED));
        case START_STREAM_ENCRYPTION, STOP_STREAM_ENCRYPTION ->
            rates.put(operation, new Rate(5, 25, Scope.ACCOUNT, ErrorCode.LIMIT_EXCEEDED));
        case CREATE_STREAM,
            DELETE_STREAM,
            LIST_STREAMS,
            INCREASE_STREAM_RETENTION_PERIOD,
            DECREASE_STREAM_RETENTION_PERIOD,
            UPDATE_MAX_RECORD_SIZE,
            UPDATE_STREAM_RECORD_DISTRIBUTION_STRATEGY,
            UPDATE_STREAM_WARM_THROUGHPUT,
            SPLIT_SHARD,
            MERGE_SHARDS,
            REGISTER_STREAM_CONSUMER,
            DEREGISTER_STREAM_CONSUMER,
            LIST_STREAM_CONSUMERS,
            ADD_TAGS_TO_STREAM,
            REMOVE_TAGS_FROM_STREAM,
            LIST_TAGS_FOR_STREAM,
            TAG_RESOURCE,
            UNTAG_RESOURCE,
            LIST_TAGS_FOR_RESOURCE,
            ENABLE_ENHANCED_MONITORING,
            DISABLE_ENHANCED_MONITORING ->
            rates.put(operation, Rate.of(5, Scope.ACCOUNT));
      }
    }
    return rates;
  }

  private enum Scope {
    ACCOUNT,
    STREAM,
    DETAIL;

    String key(Operation operation, String stream, String detail) {
      return switch (this) {
        case ACCOUNT -> operation.name();
        case STREAM -> operation.name() + '/' + stream;
        case DETAIL -> operation.name() + '/' + stream + '/' + detail;
      };
    }
  }

  private record Rate(long perSecond, int perDay, Scope scope, ErrorCode error) {
    static Rate of(long perSecond, Scope scope) {
      return new Rate(perSecond, 0, scope, ErrorCode.LIMIT_EXCEEDED);
    }
  }
}
