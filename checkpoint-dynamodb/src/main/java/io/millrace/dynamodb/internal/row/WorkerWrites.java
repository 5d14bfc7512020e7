package io.millrace.dynamodb.internal.row;

import static io.millrace.dynamodb.internal.row.Attributes.number;
import static io.millrace.dynamodb.internal.row.Attributes.text;
import static io.millrace.dynamodb.internal.row.Condition.absent;
import static io.millrace.dynamodb.internal.row.Condition.all;
import static io.millrace.dynamodb.internal.row.Condition.differs;
import static io.millrace.dynamodb.internal.row.Condition.equal;
import static io.millrace.dynamodb.internal.row.Condition.less;
import static io.millrace.dynamodb.internal.row.WorkerCodec.*;

import io.millrace.consumer.lease.FleetMode;
import io.millrace.consumer.lease.WorkerRow;
import io.millrace.dynamodb.internal.row.RowWrite.Changes;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Each write of a row of the worker table as a value, with its condition. Pure functions. */
public final class WorkerWrites {
  private WorkerWrites() {}

  /** Condition: no row, or the observed one has not moved. */
  public static RowWrite register(WorkerRow row, @Nullable WorkerRow observed) {
    return observed == null
        ? create(row.worker(), encode(row))
        : new RowWrite.Update(
            row.worker(), new Changes().setAll(encode(row)), unmovedSince(observed));
  }

  /** Condition: the same life of the worker, not fenced, and an older heartbeat. */
  public static RowWrite heartbeat(WorkerRow row) {
    return new RowWrite.Update(
        row.worker(),
        new Changes().setAll(encode(row)),
        all(
            equal(INCARNATION, ":knownIncarnation", text(row.incarnation())),
            equal(EPOCH, ":knownEpoch", number(row.epoch())),
            differs(STATE, ":fenced", text(WorkerRow.State.FENCED.name())),
            less(HEARTBEAT, ":nextHeartbeat", number(row.heartbeat()))));
  }

  /** Condition: the heartbeat has not moved. */
  public static RowWrite fence(WorkerRow observed) {
    return new RowWrite.Update(
        observed.worker(),
        new Changes().set(STATE, text(WorkerRow.State.FENCED.name())),
        unmovedSince(observed));
  }

  /** Condition: no row. */
  public static RowWrite fenceMissing(WorkerRow tombstone) {
    return create(tombstone.worker(), encode(tombstone.withState(WorkerRow.State.FENCED)));
  }

  /** Condition: as observed, its state included. */
  public static RowWrite delete(WorkerRow observed) {
    return new RowWrite.Delete(
        observed.worker(),
        all(unmovedSince(observed), equal(STATE, ":knownState", text(observed.state().name()))));
  }

  /** Condition: the mode before this one. */
  public static RowWrite changeMode(FleetMode next) {
    return next.version() == 1
        ? create(MODE_KEY, encode(next))
        : new RowWrite.Update(
            MODE_KEY,
            new Changes().setAll(encode(next)),
            equal(VERSION, ":knownVersion", number(next.version() - 1)));
  }

  /** Condition: the table says nothing yet of whose fleet it is. */
  public static RowWrite nameFleet(Fleet fleet) {
    return create(FLEET_KEY, encode(fleet));
  }

  private static Condition unmovedSince(WorkerRow observed) {
    return all(
        equal(INCARNATION, ":knownIncarnation", text(observed.incarnation())),
        equal(EPOCH, ":knownEpoch", number(observed.epoch())),
        equal(HEARTBEAT, ":knownHeartbeat", number(observed.heartbeat())));
  }

  private static RowWrite create(String key, Map<String, AttributeValue> attributes) {
    Map<String, AttributeValue> item = new LinkedHashMap<>();
    item.put(WORKER, text(key));
    item.putAll(attributes);
    return new RowWrite.Create(item, absent(WORKER));
  }
}
