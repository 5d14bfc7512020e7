package io.millrace.simulation.producer;

import io.millrace.producer.PutAttempt;
import io.millrace.producer.PutFailedException;
import io.millrace.producer.PutFailure;
import io.millrace.producer.PutResult;
import io.millrace.producer.UnsentRecord;
import io.millrace.simulation.producer.StoredCopies.Copy;
import io.millrace.simulation.world.BrokenPromise;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What producers were given, what they told of it, and what the stream holds: refuses the first
 * thing that breaks a promise of the producer.
 *
 * <p>Confined to the simulation's thread.
 */
final class PutLedger {
  /** The id, and the number among the records of its key. */
  private static final int HEADER_BYTES = 16;

  private final Map<Long, Put> puts = new HashMap<>();
  private final Map<String, Long> lastTold = new HashMap<>();

  /** What closes gave back, and whether it may have been written. */
  private final Map<Long, Boolean> returned = new HashMap<>();

  private final boolean ordered;
  private final Story story;
  private long nextId;
  private long stored;
  private long failed;
  private long possibleDuplicates;
  private String suspect = "none";

  /** A record that a producer has accepted. */
  private static final class Put {
    private final String key;
    private final long number;
    private @Nullable PutResult result;
    private @Nullable PutFailedException failure;

    Put(String key, long number) {
      this.key = key;
      this.number = number;
    }

    boolean hasOutcome() {
      return result != null || failure != null;
    }

    @Override
    public String toString() {
      return key + " #" + number;
    }
  }

  /** Starts empty; {@code ordered} as the producers' setting. */
  PutLedger(boolean ordered, Story story) {
    this.ordered = ordered;
    this.story = story;
  }

  /** The payload of the next record. */
  byte[] payload(long number, int bytes) {
    ByteBuffer data = ByteBuffer.allocate(HEADER_BYTES + bytes);
    data.putLong(nextId++).putLong(number);
    return data.array();
  }

  static long idOf(ByteBuffer data) {
    return data.getLong(data.position());
  }

  /** A producer took a record; returns its id. */
  long accepted(byte[] payload, String key) {
    ByteBuffer data = ByteBuffer.wrap(payload);
    long id = data.getLong();
    Put put = new Put(key, data.getLong());
    puts.put(id, put);
    story.sayOf(key, "put %s", put);
    return id;
  }

  /** The outcome of a record. */
  void told(long id, @Nullable PutResult result, @Nullable PutFailedException failure) {
    Put put = puts.get(id);
    if (put == null) {
      throw new BrokenPromise("an outcome of a record that was not accepted");
    }
    if (put.hasOutcome() || (result == null) == (failure == null)) {
      throw broken(put, "not exactly one outcome");
    }
    put.result = result;
    put.failure = failure;
    if (result != null) {
      stored++;
      possibleDuplicates += result.possibleDuplicate() ? 1 : 0;
      story.sayOf(
          put.key,
          "told: %s is stored on %s at %s %s after %s",
          put,
          result.shard(),
          result.sequenceNumber(),
          result.subSequenceNumber(),
          codes(result.attempts()));
    } else if (failure != null) {
      failed++;
      story.sayOf(
          put.key,
          "told: %s fails with %s after %s%s",
          put,
          failure.reason(),
          codes(failure.attempts()),
          failure.mayHaveBeenWritten() ? ", it may have been written" : "");
      checkFailure(id, put, failure);
    }
    if (ordered) {
      checkToldInOrder(put);
    }
  }

  private static List<String> codes(List<PutAttempt> attempts) {
    return attempts.stream().map(PutAttempt::code).toList();
  }

  private void checkFailure(long id, Put put, PutFailedException failure) {
    if (failure.reason() == PutFailure.DEFECT) {
      throw broken(put, "a defect: " + failure.getMessage());
    }
    if (failure.record().filter(record -> idOf(record.data()) == id).isEmpty()) {
      throw broken(put, "the failure carries another record");
    }
  }

  private void checkToldInOrder(Put put) {
    long last = lastTold.getOrDefault(put.key, -1L);
    if (put.number < last) {
      throw broken(put, "order: its outcome is told after that of #" + last);
    }
    lastTold.put(put.key, put.number);
  }

  /** A close gave these records back; their outcomes may be told a little later. */
  void returned(List<UnsentRecord> unsent) {
    for (UnsentRecord record : unsent) {
      long id = idOf(record.record().data());
      Put put = puts.get(id);
      if (put == null || returned.put(id, record.mayHaveBeenWritten()) != null) {
        throw new BrokenPromise("a close returns a record twice, or one that it never had");
      }
      story.sayOf(put.key, "returned by a close: %s", put);
    }
  }

  /** The records so far without an outcome whose keys begin so. */
  Set<Long> unsettledOf(String prefix) {
    Set<Long> ids = new HashSet<>();
    puts.forEach(
        (id, put) -> {
          if (!put.hasOutcome() && put.key.startsWith(prefix)) {
            ids.add(id);
          }
        });
    return ids;
  }

  /** These have their outcome: that is what a flush promises. */
  void checkFlushed(Set<Long> ids) {
    for (long id : ids) {
      Put put = puts.get(id);
      if (put != null && !put.hasOutcome()) {
        throw broken(put, "a later flush completes before its outcome is told");
      }
    }
  }

  boolean isSettled() {
    return puts.size() == stored + failed;
  }

  /** Every record has its outcome by now. */
  void checkSettled() {
    for (Put put : puts.values()) {
      if (!put.hasOutcome()) {
        throw broken(put, "no outcome after the delivery time-out");
      }
    }
  }

  long acceptedCount() {
    return puts.size();
  }

  long storedCount() {
    return stored;
  }

  long failedCount() {
    return failed;
  }

  long possibleDuplicates() {
    return possibleDuplicates;
  }

  /** The key of the record that broke a promise. */
  String suspect() {
    return suspect;
  }

  /** Compares what was told with what is there. */
  void check(StoredCopies copies) {
    checkSettled();
    puts.forEach(
        (id, put) -> {
          if (put.result != null) {
            checkStored(put, put.result, copies.visible(id));
            if (returned.containsKey(id)) {
              throw broken(put, "stored, and returned by a close");
            }
          } else if (put.failure != null) {
            checkFailed(id, put, put.failure, copies.isAnywhere(id));
          }
        });
    if (ordered) {
      checkStoredInOrder(copies);
    }
  }

  private void checkStored(Put put, PutResult result, List<Copy> copies) {
    Copy told =
        new Copy(result.shard(), result.sequenceNumber(), result.subSequenceNumber().orElse(-1));
    if (!copies.contains(told)) {
      throw broken(put, "lost: it is told to be at " + told + ", and is at " + copies);
    }
    if (copies.size() > 1 && !result.possibleDuplicate()) {
      throw broken(put, "stored more than once and not marked: " + copies);
    }
  }

  private void checkFailed(long id, Put put, PutFailedException failure, boolean isThere) {
    if (isThere && !failure.mayHaveBeenWritten()) {
      throw broken(
          put, "stored, though its failure says that it can't be: " + codes(failure.attempts()));
    }
    Boolean mayHaveBeenWritten = returned.get(id);
    if ((failure.reason() == PutFailure.CLOSED) != (mayHaveBeenWritten != null)) {
      throw broken(put, "a close returns what it fails, and nothing else");
    }
    if (mayHaveBeenWritten != null && mayHaveBeenWritten != failure.mayHaveBeenWritten()) {
      throw broken(put, "close and outcome differ in whether it may have been written");
    }
  }

  /**
   * First copies of a key's records lie in the order of their puts. Records that failed with an
   * unknown outcome are left out: a late request may store them behind later ones.
   */
  private void checkStoredInOrder(StoredCopies copies) {
    record First(Copy copy, Put put) {}
    Map<String, List<First>> byKey = new HashMap<>();
    puts.forEach(
        (id, put) -> {
          if (put.result != null) {
            byKey
                .computeIfAbsent(put.key, key -> new ArrayList<>())
                .add(new First(copies.visible(id).get(0), put));
          }
        });
    for (List<First> firsts : byKey.values()) {
      firsts.sort(Comparator.comparing(First::copy));
      for (int i = 1; i < firsts.size(); i++) {
        Put before = firsts.get(i - 1).put;
        if (firsts.get(i).put.number < before.number) {
          throw broken(firsts.get(i).put, "order: it lies behind #" + before.number);
        }
      }
    }
  }

  private BrokenPromise broken(Put put, String what) {
    suspect = put.key;
    return new BrokenPromise("%s", put + ": " + what);
  }
}
