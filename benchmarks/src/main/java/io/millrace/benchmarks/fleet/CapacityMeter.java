package io.millrace.benchmarks.fleet;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.SdkResponse;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.ConsumedCapacity;
import software.amazon.awssdk.services.dynamodb.model.DeleteItemRequest;
import software.amazon.awssdk.services.dynamodb.model.DeleteItemResponse;
import software.amazon.awssdk.services.dynamodb.model.GetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.GetItemResponse;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.PutItemResponse;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;
import software.amazon.awssdk.services.dynamodb.model.QueryResponse;
import software.amazon.awssdk.services.dynamodb.model.ReturnConsumedCapacity;
import software.amazon.awssdk.services.dynamodb.model.ScanRequest;
import software.amazon.awssdk.services.dynamodb.model.ScanResponse;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemResponse;

/**
 * Counts, at the client, the requests for rows and the capacity units that the store says they have
 * consumed. A refused condition consumes too, but its reply does not say how much: it counts as one
 * write unit, as the rows are under 1 KB. Thread-safe.
 */
final class CapacityMeter implements ExecutionInterceptor {
  private final LongAdder writes = new LongAdder();
  private final DoubleAdder writeUnits = new DoubleAdder();
  private final LongAdder reads = new LongAdder();
  private final DoubleAdder readUnits = new DoubleAdder();
  private final Map<String, LongAdder> calls = new ConcurrentHashMap<>();

  /**
   * What was counted so far.
   *
   * @param calls by operation
   */
  record Reading(
      long writes,
      double writeUnits,
      long reads,
      double readUnits,
      Map<String, Long> calls,
      long atNanos) {
    /** Per second since an earlier reading. */
    Rates since(Reading before) {
      double seconds = (atNanos - before.atNanos) / 1e9;
      Map<String, Double> each = new TreeMap<>();
      calls.forEach(
          (operation, count) ->
              each.put(operation, (count - before.calls.getOrDefault(operation, 0L)) / seconds));
      return new Rates(
          (writes - before.writes) / seconds,
          (writeUnits - before.writeUnits) / seconds,
          (reads - before.reads) / seconds,
          (readUnits - before.readUnits) / seconds,
          each);
    }
  }

  /** Per second. */
  record Rates(
      double writes,
      double writeUnits,
      double reads,
      double readUnits,
      Map<String, Double> calls) {}

  Reading read() {
    Map<String, Long> counted = new TreeMap<>();
    calls.forEach((operation, count) -> counted.put(operation, count.sum()));
    return new Reading(
        writes.sum(), writeUnits.sum(), reads.sum(), readUnits.sum(), counted, System.nanoTime());
  }

  @Override
  public SdkRequest modifyRequest(Context.ModifyRequest context, ExecutionAttributes attributes) {
    SdkRequest request = context.request();
    if (request instanceof GetItemRequest get) {
      return get.toBuilder().returnConsumedCapacity(ReturnConsumedCapacity.TOTAL).build();
    } else if (request instanceof ScanRequest scan) {
      return scan.toBuilder().returnConsumedCapacity(ReturnConsumedCapacity.TOTAL).build();
    } else if (request instanceof QueryRequest query) {
      return query.toBuilder().returnConsumedCapacity(ReturnConsumedCapacity.TOTAL).build();
    } else if (request instanceof PutItemRequest put) {
      return put.toBuilder().returnConsumedCapacity(ReturnConsumedCapacity.TOTAL).build();
    } else if (request instanceof UpdateItemRequest update) {
      return update.toBuilder().returnConsumedCapacity(ReturnConsumedCapacity.TOTAL).build();
    } else if (request instanceof DeleteItemRequest delete) {
      return delete.toBuilder().returnConsumedCapacity(ReturnConsumedCapacity.TOTAL).build();
    }
    return request;
  }

  @Override
  public void afterExecution(Context.AfterExecution context, ExecutionAttributes attributes) {
    SdkResponse response = context.response();
    count(context.request());
    if (response instanceof GetItemResponse get) {
      read(get.consumedCapacity());
    } else if (response instanceof ScanResponse scan) {
      read(scan.consumedCapacity());
    } else if (response instanceof QueryResponse query) {
      read(query.consumedCapacity());
    } else if (response instanceof PutItemResponse put) {
      write(put.consumedCapacity());
    } else if (response instanceof UpdateItemResponse update) {
      write(update.consumedCapacity());
    } else if (response instanceof DeleteItemResponse delete) {
      write(delete.consumedCapacity());
    }
  }

  @Override
  public void onExecutionFailure(Context.FailedExecution context, ExecutionAttributes attributes) {
    count(context.request());
    if (context.exception() instanceof ConditionalCheckFailedException
        || context.exception().getCause() instanceof ConditionalCheckFailedException) {
      writes.increment();
      writeUnits.add(1);
    }
  }

  private void count(SdkRequest request) {
    String operation = request.getClass().getSimpleName().replace("Request", "");
    calls.computeIfAbsent(operation, o -> new LongAdder()).increment();
  }

  private void read(@Nullable ConsumedCapacity consumed) {
    reads.increment();
    readUnits.add(units(consumed));
  }

  private void write(@Nullable ConsumedCapacity consumed) {
    writes.increment();
    writeUnits.add(units(consumed));
  }

  private static double units(@Nullable ConsumedCapacity consumed) {
    if (consumed == null || consumed.capacityUnits() == null) {
      throw new IllegalStateException("the store does not say what a request has consumed");
    }
    return consumed.capacityUnits();
  }
}
