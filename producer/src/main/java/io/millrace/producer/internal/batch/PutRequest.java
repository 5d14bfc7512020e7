package io.millrace.producer.internal.batch;

import io.millrace.producer.internal.aggregate.OutgoingRecord;
import io.millrace.producer.internal.send.PutEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Kinesis records that leave, or left, together in one PutRecords request. Confined to the stream's
 * loop.
 */
public final class PutRequest {
  private final List<Parcel> parcels;
  private final long sizeBytes;
  private long leftNanos;
  private @Nullable Future<?> call;
  private boolean ended;

  /** A record and the lane it is counted in flight for. */
  public record Parcel(ShardLane lane, OutgoingRecord record) {}

  /** Gathers parcels, at least one. */
  public PutRequest(List<Parcel> parcels) {
    this.parcels = List.copyOf(parcels);
    long bytes = 0;
    for (Parcel parcel : parcels) {
      bytes += parcel.record.sizeBytes();
    }
    this.sizeBytes = bytes;
  }

  /** The records in order. */
  public List<Parcel> parcels() {
    return parcels;
  }

  /** Data and keys. */
  public long sizeBytes() {
    return sizeBytes;
  }

  /** What to send. */
  public List<PutEntry> entries() {
    List<PutEntry> entries = new ArrayList<>(parcels.size());
    for (Parcel parcel : parcels) {
      entries.add(parcel.record.entry());
    }
    return entries;
  }

  /** Both halves of a request that was refused as a whole; it has at least two records. */
  public List<PutRequest> halves() {
    int middle = parcels.size() / 2;
    return List.of(
        new PutRequest(parcels.subList(0, middle)),
        new PutRequest(parcels.subList(middle, parcels.size())));
  }

  /** It leaves. */
  public void left(long nowNanos) {
    leftNanos = nowNanos;
  }

  /** Remembers the call, to be able to give it up. */
  public void calling(Future<?> call) {
    this.call = call;
  }

  /** When it left. */
  public long leftNanos() {
    return leftNanos;
  }

  /** Whether its reply counts no more. */
  public boolean isEnded() {
    return ended;
  }

  /** Its reply came. */
  public void end() {
    ended = true;
  }

  /** Nobody waits for its reply any more. */
  public void giveUp() {
    ended = true;
    if (call != null) {
      call.cancel(true);
    }
  }
}
