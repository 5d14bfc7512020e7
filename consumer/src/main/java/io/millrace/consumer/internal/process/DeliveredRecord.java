package io.millrace.consumer.internal.process;

import io.millrace.aggregation.AggregatedMember;
import io.millrace.aggregation.Headers;
import io.millrace.consumer.handler.ReceivedRecord;
import io.millrace.consumer.internal.checkpoint.Acknowledgements;
import io.millrace.consumer.lease.FencingToken;
import io.millrace.model.HashKey;
import io.millrace.model.Position;
import io.millrace.model.ShardId;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A user record on its way through user code: a slice of a fetched Kinesis record.
 *
 * <p>Immutable for user code. The attempt count belongs to the runner that delivers the record, and
 * is written before each call; retried records change runners only through the delivery's lock.
 */
final class DeliveredRecord implements ReceivedRecord {
  /**
   * What all records of an ownership share.
   *
   * @param stream the stream's ARN
   * @param shard the shard
   * @param token the ownership
   */
  record Origin(String stream, ShardId shard, FencingToken token) {}

  private static final ByteBuffer NO_DATA = ByteBuffer.allocate(0);

  private final Origin origin;
  private final Acknowledgements.Entry entry;
  private final @Nullable AggregatedMember member;
  private final String containerKey;
  private final ByteBuffer containerData;
  private final boolean corrupt;
  private int attempt;

  /** Written once, before the record is ordered. */
  private @Nullable String eventId;

  /** Likewise. */
  private boolean leftOut;

  private DeliveredRecord(
      Origin origin,
      Acknowledgements.Entry entry,
      @Nullable AggregatedMember member,
      String containerKey,
      ByteBuffer containerData,
      boolean corrupt) {
    this.origin = origin;
    this.entry = entry;
    this.member = member;
    this.containerKey = containerKey;
    this.containerData = containerData;
    this.corrupt = corrupt;
  }

  /** A member of an aggregate. */
  static DeliveredRecord member(
      Origin origin, Acknowledgements.Entry entry, AggregatedMember member) {
    return new DeliveredRecord(origin, entry, member, "", NO_DATA, false);
  }

  /** A plain record. */
  static DeliveredRecord plain(
      Origin origin, Acknowledgements.Entry entry, String key, ByteBuffer data) {
    return new DeliveredRecord(origin, entry, null, key, data, false);
  }

  /** An aggregate that can't be read, as one record that user code does not get. */
  static DeliveredRecord corrupt(
      Origin origin, Acknowledgements.Entry entry, String key, ByteBuffer data) {
    return new DeliveredRecord(origin, entry, null, key, data, true);
  }

  Acknowledgements.Entry entry() {
    return entry;
  }

  /** The index within the Kinesis record. */
  int subSequenceNumber() {
    return member == null ? 0 : member.subSequenceNumber();
  }

  boolean isCorrupt() {
    return corrupt;
  }

  void eventId(String id) {
    eventId = id;
  }

  /** The event's id by the application's duplicate filter; null without. */
  @Nullable String eventId() {
    return eventId;
  }

  void leaveOut() {
    leftOut = true;
  }

  /** Whether it counts as processed without a delivery: a replay does not want it. */
  boolean isLeftOut() {
    return leftOut;
  }

  void countAttempt() {
    attempt++;
  }

  @Override
  public String stream() {
    return origin.stream();
  }

  @Override
  public ShardId shard() {
    return origin.shard();
  }

  @Override
  public Position position() {
    return new Position(entry.sequenceNumber(), subSequenceNumber());
  }

  @Override
  public String partitionKey() {
    return member == null ? containerKey : member.partitionKey();
  }

  @Override
  public Optional<HashKey> explicitHashKey() {
    return member == null ? Optional.empty() : member.explicitHashKey();
  }

  @Override
  public Instant arrival() {
    return entry.arrival();
  }

  @Override
  public ByteBuffer data() {
    return member == null ? containerData.slice().asReadOnlyBuffer() : member.data();
  }

  @Override
  public int sizeBytes() {
    return member == null ? containerData.remaining() : member.dataBytes();
  }

  @Override
  public Headers headers() {
    return member == null ? Headers.NONE : member.headers();
  }

  @Override
  public boolean aggregated() {
    return member != null;
  }

  @Override
  public int attempt() {
    return attempt;
  }

  @Override
  public FencingToken fencingToken() {
    return origin.token();
  }

  @Override
  public String toString() {
    return "ReceivedRecord[shard="
        + origin.shard()
        + ", position="
        + entry.sequenceNumber()
        + "/"
        + subSequenceNumber()
        + ", sizeBytes="
        + sizeBytes()
        + ", attempt="
        + attempt
        + "]";
  }
}
