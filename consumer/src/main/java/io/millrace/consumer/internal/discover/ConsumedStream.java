package io.millrace.consumer.internal.discover;

import io.millrace.consumer.Fetching;
import io.millrace.consumer.StartAt;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.StreamIdentity;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * A stream that the application reads.
 *
 * <p>Immutable.
 *
 * @param name as the application gave it: a name or an ARN
 * @param identity what the service says that it is
 * @param keyPrefix the stream's part of its lease keys; empty in an application of one stream
 * @param startAt where shards without a lease are first read from
 * @param fetching how it is read
 * @param retention how long it keeps records, as of the start
 */
public record ConsumedStream(
    String name,
    StreamIdentity identity,
    String keyPrefix,
    StartAt startAt,
    Fetching fetching,
    Duration retention) {
  /** The only stream of an application: its lease keys are shard ids, as the KCL has them. */
  public static ConsumedStream only(
      String name,
      StreamIdentity identity,
      StartAt startAt,
      Fetching fetching,
      Duration retention) {
    return new ConsumedStream(name, identity, "", startAt, fetching, retention);
  }

  /** One of many streams: its lease keys name account, stream and creation time, as in the KCL. */
  public static ConsumedStream oneOfMany(
      String name,
      StreamIdentity identity,
      StartAt startAt,
      Fetching fetching,
      Duration retention) {
    String[] arn = identity.arn().split(":", 6);
    String account = arn.length == 6 ? arn[4] : "";
    String prefix = account + ":" + identity.name() + ":" + identity.createdAt().getEpochSecond();
    return new ConsumedStream(name, identity, prefix, startAt, fetching, retention);
  }

  /** The lease key of a shard. */
  public LeaseKey key(ShardId shard) {
    return new LeaseKey(keyPrefix, shard);
  }

  /** Whether a lease is one of this stream's shards, by its key. */
  public boolean owns(LeaseKey key) {
    return key.stream().equals(keyPrefix);
  }

  /**
   * Whether a key of an application of many streams is of a stream with this one's account and
   * name, that was created at another time.
   */
  public boolean isAnotherLifeOf(LeaseKey key) {
    String mine = keyPrefix.substring(0, keyPrefix.lastIndexOf(':') + 1);
    return key.stream().startsWith(mine)
        && key.stream().indexOf(':', mine.length()) < 0
        && !owns(key);
  }

  /** This stream's rows among {@code leases}, by shard. */
  public Map<ShardId, Lease> rows(Collection<Lease> leases) {
    Map<ShardId, Lease> rows = new HashMap<>();
    for (Lease lease : leases) {
      if (owns(lease.key())) {
        rows.put(lease.key().shard(), lease);
      }
    }
    return rows;
  }
}
