package io.millrace.producer.internal.batch;

import io.millrace.producer.internal.aggregate.OutgoingRecord;
import io.millrace.producer.internal.aggregate.ShardBuffer;
import io.millrace.producer.internal.limit.ShardLimiter;
import io.millrace.producer.internal.send.ShardDescription;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One predicted shard as the loop sees it: the records that wait for their turn, how fast they may
 * leave, and what holds them up.
 *
 * <p>Confined to the stream's loop; only its buffer is shared.
 */
public final class ShardLane extends DueQueue.Item {
  private final ShardBuffer buffer;
  private final Kind kind;
  private final @Nullable ShardDescription shard;
  private final ShardLimiter limiter;
  private final Deque<OutgoingRecord> queue = new ArrayDeque<>();
  private final Set<ShardLane> successors = new LinkedHashSet<>();
  private final Set<ShardLane> predecessors = new LinkedHashSet<>();

  private long queuedBytes;
  private boolean open;
  private long openedNanos;
  private int inFlight;
  private boolean retired;
  private int failures;
  private long notBeforeNanos;
  private @Nullable PutRequest lastFailed;

  /** What {@link Lanes} counts of it as ready to leave. */
  int countedRecords;

  long countedBytes;

  /** What a lane stands for. */
  public enum Kind {
    /** One predicted shard. */
    SHARD,
    /** All shards of a stream on which the service chooses. */
    MANAGED,
    /** No shard yet: what is put before the stream is described. Sends nothing. */
    WAITING
  }

  private ShardLane(
      Kind kind, ShardBuffer buffer, @Nullable ShardDescription shard, ShardLimiter limiter) {
    this.kind = kind;
    this.buffer = buffer;
    this.shard = shard;
    this.limiter = limiter;
  }

  /** The lane of a shard. */
  public static ShardLane of(ShardDescription shard, ShardBuffer buffer, ShardLimiter limiter) {
    return new ShardLane(Kind.SHARD, buffer, shard, limiter);
  }

  /** The one lane of a stream on which the service chooses the shard. */
  public static ShardLane managed(ShardBuffer buffer, ShardLimiter limiter) {
    return new ShardLane(Kind.MANAGED, buffer, null, limiter);
  }

  /** The one lane of a stream that is not described yet. */
  public static ShardLane waiting(ShardBuffer buffer, ShardLimiter limiter) {
    return new ShardLane(Kind.WAITING, buffer, null, limiter);
  }

  /** What it stands for. */
  public Kind kind() {
    return kind;
  }

  /** Where puts write to. */
  public ShardBuffer buffer() {
    return buffer;
  }

  /** The predicted shard; empty unless the lane stands for one. */
  public Optional<ShardDescription> shard() {
    return Optional.ofNullable(shard);
  }

  /** How fast it may be sent to. */
  public ShardLimiter limiter() {
    return limiter;
  }

  /** Fetches what was closed since. */
  void collect(long nowNanos, Consumer<OutgoingRecord> entering) {
    open = buffer.collect(nowNanos, record -> append(record, entering));
    openedNanos = open ? buffer.openedNanos() : 0;
  }

  /** Fetches everything, the open aggregate too. */
  void collectAll(long nowNanos, Consumer<OutgoingRecord> entering) {
    buffer.collectAll(nowNanos, record -> append(record, entering));
    open = false;
  }

  /** Fetches everything, and lets nothing in any more. */
  void seal(long nowNanos, Consumer<OutgoingRecord> entering) {
    buffer.seal(nowNanos, record -> append(record, entering));
    open = false;
  }

  private void append(OutgoingRecord record, Consumer<OutgoingRecord> entering) {
    entering.accept(record);
    addLast(record);
  }

  void addLast(OutgoingRecord record) {
    queue.addLast(record);
    queuedBytes += record.sizeBytes();
  }

  void addFirst(OutgoingRecord record) {
    queue.addFirst(record);
    queuedBytes += record.sizeBytes();
  }

  /** The record to leave next, still here; null if none is closed. */
  @Nullable OutgoingRecord peek() {
    return queue.peekFirst();
  }

  @Nullable OutgoingRecord poll() {
    OutgoingRecord record = queue.pollFirst();
    if (record != null) {
      queuedBytes -= record.sizeBytes();
    }
    return record;
  }

  /** Removes expired records, oldest first. */
  void removeExpired(long nowNanos, Consumer<OutgoingRecord> into) {
    queue.removeIf(
        record -> {
          boolean expired = record.deadlineNanos() - nowNanos <= 0;
          if (expired) {
            queuedBytes -= record.sizeBytes();
            into.accept(record);
          }
          return expired;
        });
  }

  /** Removes everything. */
  void drain(Consumer<OutgoingRecord> into) {
    queue.forEach(into);
    queue.clear();
    queuedBytes = 0;
  }

  /** Closed records that wait. */
  public Iterable<OutgoingRecord> queued() {
    return queue;
  }

  int queuedRecords() {
    return queue.size();
  }

  long queuedBytes() {
    return queuedBytes;
  }

  /** Whether an aggregate is open, as of the last look. */
  public boolean isOpen() {
    return open;
  }

  /** When the open aggregate was first seen. */
  public long openedNanos() {
    return openedNanos;
  }

  boolean hasNothingToSend() {
    return queue.isEmpty() && !open;
  }

  /** Records in requests, or in doubt: they still block an ordered lane. */
  public int inFlight() {
    return inFlight;
  }

  void departed() {
    inFlight++;
  }

  void settled() {
    inFlight--;
  }

  /** Whether retired lanes of parent shards must be settled first. */
  public boolean isBlocked() {
    return !predecessors.isEmpty();
  }

  /** What must be settled first. */
  Set<ShardLane> predecessors() {
    return predecessors;
  }

  /** In ordered mode: the successor waits until this retired lane has nothing in flight. */
  void addSuccessor(ShardLane successor) {
    successors.add(successor);
    successor.predecessors.add(this);
  }

  /** Frees the successors. */
  List<ShardLane> removeSuccessors() {
    List<ShardLane> freed = List.copyOf(successors);
    successors.clear();
    for (ShardLane successor : freed) {
      successor.predecessors.remove(this);
    }
    return freed;
  }

  /** Whether its shard is not on the map any more. */
  public boolean isRetired() {
    return retired;
  }

  void retire() {
    retired = true;
  }

  /**
   * Counts a request in which at least one record of this lane failed, once.
   *
   * @return failures in a row, or 0 if this request was counted before
   */
  public int failed(PutRequest request) {
    if (lastFailed == request) {
      return 0;
    }
    lastFailed = request;
    return ++failures;
  }

  /** A record of this lane was stored. */
  public void succeeded(PutRequest request) {
    if (lastFailed != request) {
      failures = 0;
    }
  }

  /** Nothing leaves before. */
  public void backOffUntil(long nanos) {
    notBeforeNanos = nanos;
  }

  /** Nanoseconds that backoff and rate limit hold it up. */
  long nanosHeldUp(long nowNanos) {
    long backoff = failures > 0 ? Math.max(0, notBeforeNanos - nowNanos) : 0;
    return Math.max(backoff, limiter.nanosUntilAvailable(nowNanos));
  }

  /** When its next record has lingered enough; something is to be sent. */
  long lingeredNanos() {
    OutgoingRecord first = queue.peekFirst();
    return first != null ? first.lingerUntilNanos() : openedNanos + buffer.packing().lingerNanos();
  }
}
