package io.millrace.testkit.kinesis.fault;

import io.millrace.testkit.kinesis.model.ErrorCode;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What is to go wrong with one call. Immutable.
 *
 * @param fault the one fault that decides about the call; empty if none does
 * @param delayNanos how long the answer takes in all
 * @param entries what fails inside a PutRecords
 */
public record Verdict(Optional<Fault> fault, long delayNanos, List<EntryFault> entries) {
  /** Nothing goes wrong. */
  public static final Verdict NONE = new Verdict(Optional.empty(), 0, List.of());

  /** Copies the entries. */
  public Verdict {
    entries = List.copyOf(entries);
  }

  /**
   * Which entries fail, of one rule.
   *
   * @param fault why and which
   * @param shardId only entries for this shard, or null
   * @param random decides by chance; guarded by itself
   */
  public record EntryFault(
      Fault.FailEntries fault, @Nullable String shardId, RandomGenerator random) {
    /** Why an entry fails, or null if it does not. */
    public @Nullable ErrorCode decide(int index, String entryShardId) {
      boolean concerned =
          (shardId == null || shardId.equals(entryShardId))
              && (fault.indexes().isEmpty() || fault.indexes().contains(index));
      if (!concerned || !happens()) {
        return null;
      }
      return fault.code();
    }

    private boolean happens() {
      if (fault.share() >= 1) {
        return true;
      }
      synchronized (random) {
        return random.nextDouble() < fault.share();
      }
    }
  }

  /** Why an entry of a PutRecords fails, or null if it does not. */
  public @Nullable ErrorCode onEntry(int index, String shardId) {
    for (EntryFault entry : entries) {
      ErrorCode code = entry.decide(index, shardId);
      if (code != null) {
        return code;
      }
    }
    return null;
  }
}
