package io.millrace.dynamodb.internal.row;

import static io.millrace.dynamodb.internal.row.Attributes.number;
import static io.millrace.dynamodb.internal.row.Attributes.text;

import io.millrace.consumer.lease.FleetMode;
import io.millrace.consumer.lease.HeartbeatMode;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.Notice;
import io.millrace.consumer.lease.WorkerRow;
import io.millrace.consumer.lease.WorkerRow.State;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Items of the worker table: worker rows, and the two rows of the fleet, whose keys begin with
 * {@value #RESERVED}. Pure functions.
 */
public final class WorkerCodec {
  /** S: the table's hash key, a worker's id. */
  public static final String WORKER = "worker";

  /** No worker's id begins like this. */
  public static final String RESERVED = "#";

  /** The key of the fleet's mode row. */
  public static final String MODE_KEY = RESERVED + "mode";

  /** The key of the row that says whose fleet it is. */
  public static final String FLEET_KEY = RESERVED + "fleet";

  static final String INCARNATION = "incarnation";
  static final String EPOCH = "epoch";
  static final String HEARTBEAT = "heartbeat";
  static final String STATE = "state";
  static final String PROTOCOL_VERSION = "protocolVersion";
  static final String FAILOVER_MILLIS = "failoverMillis";
  static final String MAX_LEASES = "maxLeases";
  static final String MODE_VERSION = "modeVersion";
  static final String LEASE_COUNT = "leaseCount";
  static final String THROUGHPUT = "throughputKBps";

  /** L of S: {@code sequence/kind/leaseKey}, oldest first. */
  static final String NOTICES = "notices";

  static final String MODE_HEARTBEATS = "heartbeats";

  /** BOOL: absent is false. */
  static final String CHOSEN = "chosen";

  /** BOOL: absent is false. */
  static final String PAUSED = "paused";

  static final String VERSION = "version";
  static final String APPLICATION = "application";
  static final String LEASE_TABLE = "leaseTable";

  private WorkerCodec() {}

  /**
   * Whose workers a worker table has.
   *
   * @param application the application's name
   * @param leaseTable the name of the lease table that they share
   */
  public record Fleet(String application, String leaseTable) {}

  /**
   * All attributes of a worker row but its key.
   *
   * @throws IllegalArgumentException if the worker's id begins with {@value #RESERVED}
   */
  static Map<String, AttributeValue> encode(WorkerRow row) {
    if (row.worker().startsWith(RESERVED)) {
      throw new IllegalArgumentException(
          "worker id is '" + row.worker() + "': it must not begin with " + RESERVED);
    }
    Map<String, AttributeValue> item = new LinkedHashMap<>();
    item.put(INCARNATION, text(row.incarnation()));
    item.put(EPOCH, number(row.epoch()));
    item.put(HEARTBEAT, number(row.heartbeat()));
    item.put(STATE, text(row.state().name()));
    item.put(PROTOCOL_VERSION, number(row.protocolVersion()));
    item.put(FAILOVER_MILLIS, number(row.failoverTime().toMillis()));
    item.put(MAX_LEASES, number(row.maxLeases()));
    item.put(MODE_VERSION, number(row.modeVersion()));
    item.put(LEASE_COUNT, number(row.leaseCount()));
    item.put(THROUGHPUT, LeaseCodec.throughput(row.throughputKBps()));
    item.put(
        NOTICES, AttributeValue.fromL(row.notices().stream().map(WorkerCodec::encode).toList()));
    return item;
  }

  static Map<String, AttributeValue> encode(FleetMode mode) {
    return Map.of(
        MODE_HEARTBEATS,
        text(mode.heartbeats().name()),
        CHOSEN,
        AttributeValue.fromBool(mode.chosen()),
        PAUSED,
        AttributeValue.fromBool(mode.paused()),
        VERSION,
        number(mode.version()));
  }

  static Map<String, AttributeValue> encode(Fleet fleet) {
    return Map.of(APPLICATION, text(fleet.application()), LEASE_TABLE, text(fleet.leaseTable()));
  }

  /** The worker of an item; empty for the rows of the fleet. */
  public static Optional<WorkerRow> worker(Map<String, AttributeValue> item) {
    Attributes row = new Attributes(item, WORKER);
    String worker = row.requiredText(WORKER);
    if (worker.startsWith(RESERVED)) {
      return Optional.empty();
    }
    int protocolVersion = intValue(row, PROTOCOL_VERSION);
    try {
      return Optional.of(
          new WorkerRow(
              worker,
              row.requiredText(INCARNATION),
              row.requiredLong(EPOCH),
              row.requiredLong(HEARTBEAT),
              state(row, protocolVersion),
              protocolVersion,
              Duration.ofMillis(row.requiredLong(FAILOVER_MILLIS)),
              intValue(row, MAX_LEASES),
              row.longOr(MODE_VERSION, 0),
              intValue(row, LEASE_COUNT),
              row.doubleOr(THROUGHPUT, 0),
              notices(row)));
    } catch (IllegalArgumentException e) {
      throw row.malformed(EPOCH, "or another attribute is out of its range: " + e.getMessage(), e);
    }
  }

  /** The mode of an item; empty for any other row. */
  public static Optional<FleetMode> mode(Map<String, AttributeValue> item) {
    Attributes row = new Attributes(item, WORKER);
    if (!row.requiredText(WORKER).equals(MODE_KEY)) {
      return Optional.empty();
    }
    @Nullable HeartbeatMode heartbeats =
        row.parsed(MODE_HEARTBEATS, HeartbeatMode::valueOf, "must be a heartbeat mode");
    long version = row.requiredLong(VERSION);
    if (heartbeats == null || version < 1) {
      throw row.malformed(MODE_HEARTBEATS, "must be there, and its version at least 1", null);
    }
    return Optional.of(
        new FleetMode(heartbeats, isTrue(item, CHOSEN), isTrue(item, PAUSED), version));
  }

  private static boolean isTrue(Map<String, AttributeValue> item, String name) {
    @Nullable AttributeValue value = item.get(name);
    return value != null && Boolean.TRUE.equals(value.bool());
  }

  /** Whose fleet it is; empty for any other row. */
  public static Optional<Fleet> fleet(Map<String, AttributeValue> item) {
    Attributes row = new Attributes(item, WORKER);
    return row.requiredText(WORKER).equals(FLEET_KEY)
        ? Optional.of(new Fleet(row.requiredText(APPLICATION), row.requiredText(LEASE_TABLE)))
        : Optional.empty();
  }

  /** A worker of a newer protocol may be in a state that has no name here: then it lives. */
  private static State state(Attributes row, int protocolVersion) {
    String name = row.requiredText(STATE);
    for (State state : State.values()) {
      if (state.name().equals(name)) {
        return state;
      }
    }
    if (protocolVersion > WorkerRow.PROTOCOL_VERSION) {
      return State.LIVE;
    }
    throw row.malformed(STATE, "must be a worker's state", null);
  }

  private static int intValue(Attributes row, String name) {
    long value = row.requiredLong(name);
    if (value != (int) value) {
      throw row.malformed(name, "must be a whole number of 32 bits (N)", null);
    }
    return (int) value;
  }

  private static AttributeValue encode(Notice notice) {
    return text(notice.sequence() + "/" + notice.kind() + "/" + notice.lease().text());
  }

  /**
   * Leaves out what a newer version may have added: the gap in the sequence makes the reader look
   * for itself.
   */
  private static List<Notice> notices(Attributes row) {
    List<Notice> notices = row.list(NOTICES).stream().flatMap(value -> notice(value.s())).toList();
    int surplus = Math.max(0, notices.size() - WorkerRow.MAX_NOTICES);
    return notices.subList(surplus, notices.size());
  }

  private static Stream<Notice> notice(@Nullable String text) {
    String[] parts = text == null ? new String[0] : text.split("/", 3);
    if (parts.length < 3) {
      return Stream.empty();
    }
    try {
      return Stream.of(
          new Notice(
              Long.parseLong(parts[0]), Notice.Kind.valueOf(parts[1]), LeaseKey.parse(parts[2])));
    } catch (IllegalArgumentException e) {
      return Stream.empty();
    }
  }
}
