package io.millrace.consumer.lease;

import io.millrace.model.HashRange;
import io.millrace.model.ShardId;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One row of the lease table as somebody read it: possibly stale, never wrong about the moment it
 * was read.
 *
 * <p>Attributes that a store does not know stay in its table and are not shown here. Instants are
 * kept in milliseconds. Immutable.
 */
public final class Lease {
  /**
   * The most bytes of {@link #ahead}: together with all other attributes a row stays under 1 KB.
   */
  public static final int MAX_AHEAD_BYTES = 36;

  private final LeaseKey key;
  private final long counter;
  private final @Nullable String owner;
  private final @Nullable String checkpointOwner;
  private final long ownerEpoch;
  private final long claimEpoch;
  private final @Nullable WriteId claimId;
  private final long ownerSwitchesSinceCheckpoint;
  private final Checkpoint checkpoint;
  private final @Nullable PendingCheckpoint pending;
  private final Set<ShardId> parents;
  private final Set<ShardId> children;
  private final @Nullable HashRange hashRange;
  private final double throughputKBps;
  private final @Nullable Instant startTimestamp;
  private final @Nullable Instant lastArrival;
  private final @Nullable Parked parked;
  private final @Nullable StreamIdentity stream;
  private final @Nullable WriteId writeId;
  private final byte[] ahead;

  private Lease(Builder from) {
    this.key = from.key;
    this.counter = from.counter;
    this.owner = from.owner;
    this.checkpointOwner = from.checkpointOwner;
    this.ownerEpoch = from.ownerEpoch;
    this.claimEpoch = from.claimEpoch;
    this.claimId = from.claimId;
    this.ownerSwitchesSinceCheckpoint = from.ownerSwitchesSinceCheckpoint;
    this.checkpoint = from.checkpoint;
    this.pending = from.pending;
    // Sorted: whoever walks them does so in the same order in every process.
    this.parents = Collections.unmodifiableSet(new TreeSet<>(from.parents));
    this.children = Collections.unmodifiableSet(new TreeSet<>(from.children));
    this.hashRange = from.hashRange;
    this.throughputKBps = from.throughputKBps;
    this.startTimestamp = inMillis(from.startTimestamp);
    this.lastArrival = inMillis(from.lastArrival);
    this.parked = from.parked;
    this.stream = from.stream;
    this.writeId = from.writeId;
    this.ahead = from.ahead;
  }

  private static @Nullable Instant inMillis(@Nullable Instant instant) {
    return instant == null ? null : Instant.ofEpochMilli(instant.toEpochMilli());
  }

  /** A builder of an unowned lease with counter 0. */
  public static Builder builder(LeaseKey key, Checkpoint checkpoint) {
    return new Builder(key, checkpoint);
  }

  /** A builder that starts with what this lease has. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /** The row's key ({@code leaseKey}). */
  public LeaseKey key() {
    return key;
  }

  /** The counter that most writes move and that guards most writes ({@code leaseCounter}). */
  public long counter() {
    return counter;
  }

  /**
   * The worker that owns the lease or, during a handoff, that has claimed it ({@code leaseOwner});
   * empty if nobody does.
   */
  public Optional<String> owner() {
    return Optional.ofNullable(owner);
  }

  /** During a handoff only, the worker that still holds the lease ({@code checkpointOwner}). */
  public Optional<String> checkpointOwner() {
    return Optional.ofNullable(checkpointOwner);
  }

  /**
   * The worker that may process and checkpoint: the checkpoint owner if there is one, else the
   * owner.
   */
  public Optional<String> holder() {
    return checkpointOwner == null ? owner() : checkpointOwner();
  }

  /** Whether {@code worker} holds the lease. */
  public boolean isHeldBy(String worker) {
    return worker.equals(checkpointOwner == null ? owner : checkpointOwner);
  }

  /** Whether a handoff is under way: somebody has claimed the lease from its holder. */
  public boolean isClaimed() {
    return checkpointOwner != null;
  }

  /**
   * The epoch of the holder ({@code millraceOwnerEpoch}); {@link Owner#NO_EPOCH} if it has none.
   */
  public long ownerEpoch() {
    return ownerEpoch;
  }

  /** The holder with its epoch; empty if nobody holds the lease. */
  public Optional<Owner> holderPeriod() {
    return holder().map(worker -> new Owner(worker, ownerEpoch));
  }

  /**
   * The epoch of the claimer ({@code millraceClaimEpoch}); {@link Owner#NO_EPOCH} if it has none.
   */
  public long claimEpoch() {
    return claimEpoch;
  }

  /** The claimer with its epoch; empty if no handoff is under way or its claimer is not named. */
  public Optional<Owner> claimer() {
    return checkpointOwner == null || owner == null
        ? Optional.empty()
        : Optional.of(new Owner(owner, claimEpoch));
  }

  /**
   * The id of the claim ({@code millraceClaimId}): a claim leaves the holder's own write id alone.
   */
  public Optional<WriteId> claimId() {
    return Optional.ofNullable(claimId);
  }

  /**
   * How often the owner has changed since the last checkpoint ({@code
   * ownerSwitchesSinceCheckpoint}).
   */
  public long ownerSwitchesSinceCheckpoint() {
    return ownerSwitchesSinceCheckpoint;
  }

  /** How far the shard is processed ({@code checkpoint}, {@code checkpointSubSequenceNumber}). */
  public Checkpoint checkpoint() {
    return checkpoint;
  }

  /** Whether an operator has paused the shard: nobody takes it, and its holder lets go of it. */
  public boolean isPaused() {
    return parked != null && parked.isByOperator();
  }

  /** Whether the shard has ended and is processed to its end. */
  public boolean isFinished() {
    return checkpoint == Checkpoint.Sentinel.SHARD_END;
  }

  /**
   * The checkpoint that the application has prepared ({@code pendingCheckpoint}, {@code
   * pendingCheckpointSubSequenceNumber}, {@code pendingCheckpointState}).
   */
  public Optional<PendingCheckpoint> pending() {
    return Optional.ofNullable(pending);
  }

  /** The shard's parents ({@code parentShardId}): none, one, or two after a merge. */
  public Set<ShardId> parents() {
    return parents;
  }

  /** The shard's children, known when it has ended ({@code childShardIds}). */
  public Set<ShardId> children() {
    return children;
  }

  /** The shard's hash range ({@code startingHashKey}, {@code endingHashKey}); empty on old rows. */
  public Optional<HashRange> hashRange() {
    return Optional.ofNullable(hashRange);
  }

  /** The shard's measured throughput in KiB per second ({@code throughputKBps}). */
  public OptionalDouble throughputKBps() {
    return Double.isNaN(throughputKBps)
        ? OptionalDouble.empty()
        : OptionalDouble.of(throughputKBps);
  }

  /**
   * Where reading starts while the checkpoint is {@link Checkpoint.Sentinel#LATEST} or {@link
   * Checkpoint.Sentinel#AT_TIMESTAMP} ({@code millraceStartTimestamp}): a time of the service.
   */
  public Optional<Instant> startTimestamp() {
    return Optional.ofNullable(startTimestamp);
  }

  /** The arrival time of the last processed record ({@code millraceLastArrival}). */
  public Optional<Instant> lastArrival() {
    return Optional.ofNullable(lastArrival);
  }

  /** Set while the failure policy keeps the shard stopped ({@code millraceParked}). */
  public Optional<Parked> parked() {
    return Optional.ofNullable(parked);
  }

  /** The stream that the shard belongs to ({@code millraceStream}); empty on rows of the KCL. */
  public Optional<StreamIdentity> stream() {
    return Optional.ofNullable(stream);
  }

  /**
   * The id of the last write other than a claim ({@code millraceWriteId}); empty on rows of the
   * KCL.
   */
  public Optional<WriteId> writeId() {
    return Optional.ofNullable(writeId);
  }

  /**
   * What is acknowledged beyond the checkpoint, as its writer encodes it ({@code millraceAhead});
   * empty if nothing is, or nobody knows. It belongs to the checkpoint that it was written with.
   */
  public byte[] ahead() {
    return ahead.clone();
  }

  /** Whether the last write other than a claim was {@code id}. */
  public boolean wasWrittenBy(WriteId id) {
    return id.equals(writeId);
  }

  /**
   * Whether nobody but a claimer has written the row between the reading of {@code other} and of
   * this.
   */
  public boolean isUnmovedSince(Lease other) {
    return key.equals(other.key) && counter == other.counter;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Lease that && values().equals(that.values());
  }

  @Override
  public int hashCode() {
    return values().hashCode();
  }

  private List<@Nullable Object> values() {
    return Arrays.asList(
        key,
        counter,
        owner,
        checkpointOwner,
        ownerEpoch,
        claimEpoch,
        claimId,
        ownerSwitchesSinceCheckpoint,
        checkpoint,
        pending,
        parents,
        children,
        hashRange,
        throughputKBps,
        startTimestamp,
        lastArrival,
        parked,
        stream,
        writeId,
        ByteBuffer.wrap(ahead));
  }

  @Override
  public String toString() {
    return "Lease["
        + key
        + ", counter="
        + counter
        + ", owner="
        + owner
        + (checkpointOwner == null ? "" : ", checkpointOwner=" + checkpointOwner)
        + ", epoch="
        + ownerEpoch
        + ", checkpoint="
        + checkpoint
        + (parked == null ? "" : ", parked")
        + "]";
  }

  /** Builds leases. Confined to one thread. */
  public static final class Builder {
    private final LeaseKey key;
    private long counter;
    private @Nullable String owner;
    private @Nullable String checkpointOwner;
    private long ownerEpoch;
    private long claimEpoch;
    private @Nullable WriteId claimId;
    private long ownerSwitchesSinceCheckpoint;
    private Checkpoint checkpoint;
    private @Nullable PendingCheckpoint pending;
    private Set<ShardId> parents = Set.of();
    private Set<ShardId> children = Set.of();
    private @Nullable HashRange hashRange;
    private double throughputKBps = Double.NaN;
    private @Nullable Instant startTimestamp;
    private @Nullable Instant lastArrival;
    private @Nullable Parked parked;
    private @Nullable StreamIdentity stream;
    private @Nullable WriteId writeId;
    private byte[] ahead = new byte[0];

    private Builder(LeaseKey key, Checkpoint checkpoint) {
      this.key = key;
      this.checkpoint = checkpoint;
    }

    private Builder(Lease from) {
      this.key = from.key;
      this.counter = from.counter;
      this.owner = from.owner;
      this.checkpointOwner = from.checkpointOwner;
      this.ownerEpoch = from.ownerEpoch;
      this.claimEpoch = from.claimEpoch;
      this.claimId = from.claimId;
      this.ownerSwitchesSinceCheckpoint = from.ownerSwitchesSinceCheckpoint;
      this.checkpoint = from.checkpoint;
      this.pending = from.pending;
      this.parents = from.parents;
      this.children = from.children;
      this.hashRange = from.hashRange;
      this.throughputKBps = from.throughputKBps;
      this.startTimestamp = from.startTimestamp;
      this.lastArrival = from.lastArrival;
      this.parked = from.parked;
      this.stream = from.stream;
      this.writeId = from.writeId;
      this.ahead = from.ahead;
    }

    /** Sets the counter. */
    public Builder counter(long value) {
      this.counter = value;
      return this;
    }

    /** Sets or removes the owner. */
    public Builder owner(@Nullable String value) {
      this.owner = value;
      return this;
    }

    /** Sets or removes the checkpoint owner. */
    public Builder checkpointOwner(@Nullable String value) {
      this.checkpointOwner = value;
      return this;
    }

    /** Sets the holder's epoch; {@link Owner#NO_EPOCH} removes it. */
    public Builder ownerEpoch(long value) {
      this.ownerEpoch = value;
      return this;
    }

    /** Sets the claimer's epoch; {@link Owner#NO_EPOCH} removes it. */
    public Builder claimEpoch(long value) {
      this.claimEpoch = value;
      return this;
    }

    /** Sets or removes the id of the claim. */
    public Builder claimId(@Nullable WriteId value) {
      this.claimId = value;
      return this;
    }

    /** Sets the number of owner changes since the last checkpoint. */
    public Builder ownerSwitchesSinceCheckpoint(long value) {
      this.ownerSwitchesSinceCheckpoint = value;
      return this;
    }

    /** Sets the checkpoint. */
    public Builder checkpoint(Checkpoint value) {
      this.checkpoint = value;
      return this;
    }

    /** Sets or removes the pending checkpoint. */
    public Builder pending(@Nullable PendingCheckpoint value) {
      this.pending = value;
      return this;
    }

    /** Sets the parents; empty removes them. */
    public Builder parents(Set<ShardId> value) {
      this.parents = new TreeSet<>(value);
      return this;
    }

    /** Sets the children; empty removes them. */
    public Builder children(Set<ShardId> value) {
      this.children = new TreeSet<>(value);
      return this;
    }

    /** Sets or removes the hash range. */
    public Builder hashRange(@Nullable HashRange value) {
      this.hashRange = value;
      return this;
    }

    /** Sets the throughput in KiB per second; NaN removes it. */
    public Builder throughputKBps(double value) {
      this.throughputKBps = value;
      return this;
    }

    /** Sets or removes the time at which reading starts. */
    public Builder startTimestamp(@Nullable Instant value) {
      this.startTimestamp = value;
      return this;
    }

    /** Sets or removes the arrival time of the last processed record. */
    public Builder lastArrival(@Nullable Instant value) {
      this.lastArrival = value;
      return this;
    }

    /** Sets or removes the mark of a shard that the failure policy stopped. */
    public Builder parked(@Nullable Parked value) {
      this.parked = value;
      return this;
    }

    /** Sets or removes the stream's identity. */
    public Builder stream(@Nullable StreamIdentity value) {
      this.stream = value;
      return this;
    }

    /** Sets or removes the id of the last write. */
    public Builder writeId(@Nullable WriteId value) {
      this.writeId = value;
      return this;
    }

    /** Sets what is acknowledged beyond the checkpoint; empty removes it. */
    public Builder ahead(byte[] value) {
      this.ahead = value.clone();
      return this;
    }

    /** Builds the lease. */
    public Lease build() {
      return new Lease(this);
    }
  }
}
