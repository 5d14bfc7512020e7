package io.millrace.dynamodb.internal.row;

import static io.millrace.dynamodb.internal.row.Attributes.bytes;
import static io.millrace.dynamodb.internal.row.Attributes.number;
import static io.millrace.dynamodb.internal.row.Attributes.text;
import static io.millrace.dynamodb.internal.row.Attributes.texts;
import static io.millrace.dynamodb.internal.row.LeaseAttributes.*;

import io.millrace.consumer.lease.Checkpoint;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.LeaseStoreException;
import io.millrace.consumer.lease.Owner;
import io.millrace.consumer.lease.Parked;
import io.millrace.consumer.lease.PendingCheckpoint;
import io.millrace.consumer.lease.StreamIdentity;
import io.millrace.consumer.lease.WriteId;
import io.millrace.model.HashRange;
import io.millrace.model.ShardId;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Items of the lease table as leases and back, in the KCL's layout. Pure functions.
 *
 * <p>Reading is tolerant where the KCL or its older versions differ: rows without hash range,
 * entity type or throughput, and a number in the place of the pending state. It is strict where a
 * guess could lose progress: an unreadable counter, owner or checkpoint makes the row malformed.
 */
public final class LeaseCodec {
  /** A parked reason keeps at most as many bytes: the row stays under 1 KB, one write unit. */
  static final int MAX_REASON_BYTES = Parked.MAX_REASON_LENGTH;

  /** DynamoDB's numbers are 0 or between these, either sign. */
  private static final double SMALLEST_NUMBER = 1e-130;

  private static final double LARGEST_NUMBER = 9e125;

  private LeaseCodec() {}

  /** The item that creating {@code lease} puts. */
  static Map<String, AttributeValue> encode(Lease lease) {
    Map<String, AttributeValue> item = new LinkedHashMap<>();
    item.put(LEASE_KEY, text(lease.key().text()));
    item.put(ENTITY_TYPE, text(LEASE_ENTITY));
    if (lease.key().namesStream()) {
      item.put(STREAM_NAME, text(lease.key().stream()));
      item.put(SHARD_ID, text(lease.key().shard().value()));
    }
    item.put(LEASE_COUNTER, number(lease.counter()));
    lease.owner().ifPresent(owner -> item.put(LEASE_OWNER, text(owner)));
    lease.checkpointOwner().ifPresent(owner -> item.put(CHECKPOINT_OWNER, text(owner)));
    item.put(OWNER_SWITCHES, number(lease.ownerSwitchesSinceCheckpoint()));
    item.putAll(encode(lease.checkpoint()));
    lease.pending().ifPresent(pending -> item.putAll(encode(pending)));
    putShards(item, PARENTS, lease.parents());
    putShards(item, CHILDREN, lease.children());
    lease
        .hashRange()
        .ifPresent(
            range -> {
              item.put(HASH_START, text(range.start().toString()));
              item.put(HASH_END, text(range.end().toString()));
            });
    lease.throughputKBps().ifPresent(value -> item.put(THROUGHPUT, throughput(value)));
    putEpoch(item, OWNER_EPOCH, lease.ownerEpoch());
    putEpoch(item, CLAIM_EPOCH, lease.claimEpoch());
    lease.claimId().ifPresent(id -> item.put(CLAIM_ID, text(id.text())));
    lease.startTimestamp().ifPresent(at -> item.put(START_TIMESTAMP, millis(at)));
    lease.lastArrival().ifPresent(at -> item.put(LAST_ARRIVAL, millis(at)));
    lease.parked().ifPresent(parked -> item.put(PARKED, encode(parked)));
    lease.stream().ifPresent(stream -> item.put(STREAM, text(stream.text())));
    lease.writeId().ifPresent(id -> item.put(WRITE_ID, text(id.text())));
    if (lease.ahead().length > 0) {
      item.put(AHEAD, bytes(lease.ahead()));
    }
    return item;
  }

  static Map<String, AttributeValue> encode(Checkpoint checkpoint) {
    Map<String, AttributeValue> attributes = new LinkedHashMap<>();
    attributes.put(CHECKPOINT, text(checkpoint.text()));
    attributes.put(CHECKPOINT_SUB_SEQUENCE, number(checkpoint.subSequenceNumber()));
    return attributes;
  }

  /** Without the state when it is empty, as the KCL leaves out a state that it was not given. */
  static Map<String, AttributeValue> encode(PendingCheckpoint pending) {
    Map<String, AttributeValue> attributes = new LinkedHashMap<>();
    attributes.put(PENDING_CHECKPOINT, text(pending.checkpoint().text()));
    attributes.put(PENDING_SUB_SEQUENCE, number(pending.checkpoint().subSequenceNumber()));
    byte[] state = pending.state();
    if (state.length > 0) {
      attributes.put(PENDING_STATE, bytes(state));
    }
    return attributes;
  }

  static AttributeValue encode(Parked parked) {
    return text(
        parked.since().toEpochMilli() + "/" + parked.attempts() + "/" + cut(parked.reason()));
  }

  static AttributeValue millis(Instant instant) {
    return number(instant.toEpochMilli());
  }

  /**
   * Within what DynamoDB can hold, and 0 for what is no throughput: a measurement is no reason to
   * fail a checkpoint or a heartbeat.
   */
  static AttributeValue throughput(double kiloBytesPerSecond) {
    double stored =
        kiloBytesPerSecond >= SMALLEST_NUMBER ? Math.min(kiloBytesPerSecond, LARGEST_NUMBER) : 0;
    return AttributeValue.fromN(Double.toString(stored));
  }

  static AttributeValue shards(Set<ShardId> shards) {
    return texts(shards.stream().map(ShardId::value).toList());
  }

  /**
   * The lease of an item; empty if the item is not a lease but another library's row, which is left
   * alone.
   *
   * @throws LeaseStoreException if the item is a lease that can't be read, or one of a kind that is
   *     not known
   */
  public static Optional<Lease> decode(Map<String, AttributeValue> item) {
    Attributes row = new Attributes(item, LEASE_KEY);
    if (!isLease(item)) {
      refuseUnknownKind(row, item);
      return Optional.empty();
    }
    @Nullable LeaseKey key = row.parsed(LEASE_KEY, LeaseKey::parse, "must be a lease key");
    if (key == null) {
      throw row.malformed(LEASE_KEY, "is missing", null);
    }
    Checkpoint checkpoint =
        checkpoint(row, CHECKPOINT, row.requiredText(CHECKPOINT), CHECKPOINT_SUB_SEQUENCE);
    Lease.Builder lease =
        Lease.builder(key, checkpoint)
            .counter(row.requiredLong(LEASE_COUNTER))
            .owner(row.optionalText(LEASE_OWNER))
            .checkpointOwner(row.optionalText(CHECKPOINT_OWNER))
            .ownerSwitchesSinceCheckpoint(row.longOr(OWNER_SWITCHES, 0))
            .pending(pending(row))
            .parents(shards(row, PARENTS))
            .children(shards(row, CHILDREN))
            .hashRange(hashRange(row))
            .throughputKBps(row.doubleOr(THROUGHPUT, Double.NaN));
    return Optional.of(addOurs(row, lease).build());
  }

  /**
   * Whether the item is a lease. The KCL marks its other rows by their entity type; a row without
   * one that has neither counter nor checkpoint was never a lease of anybody.
   */
  static boolean isLease(Map<String, AttributeValue> item) {
    @Nullable AttributeValue entityType = item.get(ENTITY_TYPE);
    if (entityType != null) {
      return LEASE_ENTITY.equals(entityType.s());
    }
    return item.containsKey(LEASE_COUNTER) || item.containsKey(CHECKPOINT);
  }

  /**
   * A row with the progress of a lease that says to be of a kind which no KCL up to 3.5 knows: to
   * leave it out would be to process its shard beside whoever wrote it.
   */
  private static void refuseUnknownKind(Attributes row, Map<String, AttributeValue> item) {
    if (!item.containsKey(LEASE_COUNTER) || !item.containsKey(CHECKPOINT)) {
      return;
    }
    String kind = row.requiredText(ENTITY_TYPE);
    if (!KCL_ENTITIES.contains(kind)) {
      throw new LeaseStoreException(
          LeaseStoreException.Reason.UNKNOWN_KCL_MODE,
          "row '"
              + row.requiredText(LEASE_KEY)
              + "' is a lease whose "
              + ENTITY_TYPE
              + " is '"
              + kind
              + "' and not '"
              + LEASE_ENTITY
              + "': a KCL wrote it that this version does not know, and could not share the leases"
              + " with. Stop that KCL and remove the row, or use a version that knows it");
    }
  }

  private static Lease.Builder addOurs(Attributes row, Lease.Builder lease) {
    return lease
        .ownerEpoch(epoch(row, OWNER_EPOCH))
        .claimEpoch(epoch(row, CLAIM_EPOCH))
        .claimId(row.parsed(CLAIM_ID, WriteId::parse, "must be <incarnation>/<number>"))
        .startTimestamp(instant(row, START_TIMESTAMP))
        .lastArrival(instant(row, LAST_ARRIVAL))
        .parked(row.parsed(PARKED, LeaseCodec::parked, "must be <epoch ms>/<attempts>/<reason>"))
        .stream(row.parsed(STREAM, StreamIdentity::parse, "must be <arn>@<epoch seconds>"))
        .writeId(row.parsed(WRITE_ID, WriteId::parse, "must be <incarnation>/<number>"))
        .ahead(row.bytesIfAny(AHEAD));
  }

  private static long epoch(Attributes row, String name) {
    long epoch = row.longOr(name, Owner.NO_EPOCH);
    if (epoch < Owner.NO_EPOCH) {
      throw row.malformed(name, "must be 0 or more", null);
    }
    return epoch;
  }

  private static Checkpoint checkpoint(
      Attributes row, String name, String text, String subSequenceName) {
    long subSequenceNumber = row.longOr(subSequenceName, 0);
    try {
      return Checkpoint.parse(text, subSequenceNumber);
    } catch (IllegalArgumentException e) {
      throw row.malformed(name, "with " + subSequenceName + " must be a sentinel or a position", e);
    }
  }

  private static @Nullable PendingCheckpoint pending(Attributes row) {
    @Nullable String text = row.optionalText(PENDING_CHECKPOINT);
    return text == null
        ? null
        : new PendingCheckpoint(
            checkpoint(row, PENDING_CHECKPOINT, text, PENDING_SUB_SEQUENCE),
            row.bytesIfAny(PENDING_STATE));
  }

  private static @Nullable HashRange hashRange(Attributes row) {
    @Nullable String start = row.optionalText(HASH_START);
    @Nullable String end = row.optionalText(HASH_END);
    if (start == null || end == null) {
      return null;
    }
    try {
      return HashRange.parse(start, end);
    } catch (IllegalArgumentException e) {
      throw row.malformed(HASH_START, "with " + HASH_END + " must be a hash range", e);
    }
  }

  private static @Nullable Instant instant(Attributes row, String name) {
    long millis = row.longOr(name, Long.MIN_VALUE);
    return millis == Long.MIN_VALUE ? null : Instant.ofEpochMilli(millis);
  }

  private static Set<ShardId> shards(Attributes row, String name) {
    List<String> ids = row.texts(name);
    if (ids.contains("")) {
      throw row.malformed(name, "must hold no empty shard id", null);
    }
    return ids.stream().map(ShardId::new).collect(Collectors.toSet());
  }

  private static Parked parked(String text) {
    String[] parts = text.split("/", 3);
    if (parts.length < 3) {
      throw new IllegalArgumentException("too few parts");
    }
    return new Parked(
        parts[2], Instant.ofEpochMilli(Long.parseLong(parts[0])), Integer.parseInt(parts[1]));
  }

  private static void putShards(Map<String, AttributeValue> item, String name, Set<ShardId> ids) {
    if (!ids.isEmpty()) {
      item.put(name, shards(ids));
    }
  }

  private static void putEpoch(Map<String, AttributeValue> item, String name, long epoch) {
    if (epoch != Owner.NO_EPOCH) {
      item.put(name, number(epoch));
    }
  }

  /** The longest prefix of whole characters within the byte limit. */
  private static String cut(String reason) {
    byte[] utf8 = reason.getBytes(StandardCharsets.UTF_8);
    if (utf8.length <= MAX_REASON_BYTES) {
      return reason;
    }
    int end = MAX_REASON_BYTES;
    while ((utf8[end] & 0xC0) == 0x80) {
      end--;
    }
    return new String(utf8, 0, end, StandardCharsets.UTF_8);
  }
}
