package io.millrace.dynamodb.internal.row;

import java.util.Set;

/**
 * The attributes of a lease row. The KCL's come first, with the KCL's names and types; ours begin
 * with {@code millrace}, and the KCL neither reads nor removes them.
 */
public final class LeaseAttributes {
  /** S: the table's hash key. */
  public static final String LEASE_KEY = "leaseKey";

  /** S; absent when unowned, never empty: conditions test for absence. */
  public static final String LEASE_OWNER = "leaseOwner";

  /** N, from 0; on every row. */
  static final String LEASE_COUNTER = "leaseCounter";

  /** N. */
  static final String OWNER_SWITCHES = "ownerSwitchesSinceCheckpoint";

  /** S: a decimal sequence number or a sentinel; on every row. */
  static final String CHECKPOINT = "checkpoint";

  /** N: 0 for sentinels. */
  static final String CHECKPOINT_SUB_SEQUENCE = "checkpointSubSequenceNumber";

  /** S: only between prepare and checkpoint. */
  static final String PENDING_CHECKPOINT = "pendingCheckpoint";

  /** N: together with the pending checkpoint. */
  static final String PENDING_SUB_SEQUENCE = "pendingCheckpointSubSequenceNumber";

  /** B; the KCL's create writes an N here by mistake. */
  static final String PENDING_STATE = "pendingCheckpointState";

  /** SS: all parents in spite of the name; absent when there are none. */
  static final String PARENTS = "parentShardId";

  /** SS: absent until known. */
  static final String CHILDREN = "childShardIds";

  /** S: decimal, inclusive; absent on old rows. */
  static final String HASH_START = "startingHashKey";

  /** S: decimal, inclusive; absent on old rows. */
  static final String HASH_END = "endingHashKey";

  /** N, a double. */
  static final String THROUGHPUT = "throughputKBps";

  /** S: only during a handoff, the old owner. */
  static final String CHECKPOINT_OWNER = "checkpointOwner";

  /** S: absent or {@link #LEASE_ENTITY} on a lease; anything else is another library's row. */
  public static final String ENTITY_TYPE = "entityType";

  /** S: {@code account:stream:creationEpoch}; in an application of many streams only. */
  static final String STREAM_NAME = "streamName";

  /** S: in an application of many streams only. */
  static final String SHARD_ID = "shardId";

  /** S: {@code incarnation/number} of the last write other than a claim. */
  static final String WRITE_ID = "millraceWriteId";

  /** N: the holder's epoch; absent where the lease's own counter is the heartbeat. */
  static final String OWNER_EPOCH = "millraceOwnerEpoch";

  /** N: the claimer's epoch; only during a handoff. */
  static final String CLAIM_EPOCH = "millraceClaimEpoch";

  /** S: the write id of the claim; only during a handoff. */
  static final String CLAIM_ID = "millraceClaimId";

  /** N: epoch milliseconds. */
  static final String START_TIMESTAMP = "millraceStartTimestamp";

  /** N: epoch milliseconds. */
  static final String LAST_ARRIVAL = "millraceLastArrival";

  /** S: {@code sinceEpochMillis/attempts/reason}; only while parked. */
  static final String PARKED = "millraceParked";

  /** S: {@code arn@creationEpochSeconds}. */
  static final String STREAM = "millraceStream";

  /** The value of {@link #ENTITY_TYPE} on a lease row. */
  static final String LEASE_ENTITY = "LEASE";

  /** The values of {@link #ENTITY_TYPE} on the KCL's rows that are no leases, up to 3.5. */
  public static final Set<String> KCL_ENTITIES =
      Set.of(
          "STREAM", "LEADER", "CLIENT_VERSION_MIGRATION", "TABLE_MIGRATION", "WORKER_METRIC_STATS");

  /** The KCL's index from owners to leases; nothing here reads it. */
  public static final String OWNER_INDEX = "LeaseOwnerToLeaseKeyIndex";

  private LeaseAttributes() {}

  /** Acknowledgements beyond the checkpoint. */
  static final String AHEAD = "millraceAhead";
}
