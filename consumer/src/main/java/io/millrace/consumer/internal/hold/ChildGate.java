package io.millrace.consumer.internal.hold;

import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.model.ShardId;
import java.util.ArrayDeque;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Whether a shard may start: every parent row that exists is at the shard's end. A missing row
 * counts as done, because a parent's row is durable before its child's, and is deleted only after
 * the child has begun; so it is read consistently. Confined to the loop.
 */
final class ChildGate {
  private final HoldParts parts;

  ChildGate(HoldParts parts) {
    this.parts = parts;
  }

  /** Hears whether the gate is open. */
  interface Answer {
    /**
     * Runs on the loop.
     *
     * @param unfinished the parents that hold the shard back; empty if the gate is open
     * @param failure null unless a parent's row could not be read
     */
    void given(Set<ShardId> unfinished, @Nullable Throwable failure);
  }

  /** Reads the parents' rows. A parent that was ever seen at its end is not read again. */
  void ask(Lease lease, Answer answer) {
    ArrayDeque<LeaseKey> toRead = new ArrayDeque<>();
    for (ShardId parent : new TreeSet<>(lease.parents())) {
      LeaseKey key = new LeaseKey(lease.key().stream(), parent);
      Lease known = parts.table().get(key);
      if (known == null || !known.isFinished()) {
        toRead.add(key);
      }
    }
    readNext(toRead, new TreeSet<>(), answer);
  }

  private void readNext(ArrayDeque<LeaseKey> left, Set<ShardId> unfinished, Answer answer) {
    LeaseKey parent = left.poll();
    if (parent == null) {
      answer.given(unfinished, null);
      return;
    }
    parts
        .reader()
        .read(
            parent,
            (row, failure) -> {
              if (failure != null) {
                answer.given(Set.of(parent.shard()), failure);
                return;
              }
              if (row != null && !row.isFinished()) {
                unfinished.add(parent.shard());
              }
              readNext(left, unfinished, answer);
            });
  }
}
