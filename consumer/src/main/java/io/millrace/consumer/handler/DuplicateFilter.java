package io.millrace.consumer.handler;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * Leaves out records whose event was processed a short while ago: what a producer stored twice, as
 * an answer was lost.
 *
 * <p>An event has an id, which its producer gives it: in a header, or somewhere in the record that
 * a function of yours knows. The worker remembers the ids of records that it has acknowledged. A
 * record with an id that it remembers counts as processed without a call of the handler, and {@code
 * millrace.consumer.duplicates} counts it.
 *
 * <p><b>Its limits.</b> It remembers in memory, so nothing of what happened before a restart, a
 * failover or a move of the shard to another worker; no longer than its window, and no more ids
 * than its size, the oldest going first. Both records must be read by the same worker, which those
 * of a key are while the shard stays. With {@code UNORDERED} parallelism two records of an event
 * may be in the handler at the same time. So it makes duplicates rare and does not end them:
 * effects that must happen once need an idempotent sink, as the sample {@code exactly} has it.
 * Never is a record left out whose event was not acknowledged.
 *
 * <p>Immutable.
 */
public final class DuplicateFilter {
  private final Function<ReceivedRecord, Optional<String>> id;
  private final Duration window;
  private final int maxIds;

  private DuplicateFilter(
      Function<ReceivedRecord, Optional<String>> id, Duration window, int maxIds) {
    this.id = id;
    this.window = window;
    this.maxIds = maxIds;
  }

  /**
   * By a header that holds the event's id as text; records without it are always delivered.
   *
   * @param header its name
   * @throws IllegalArgumentException if it is empty
   */
  public static DuplicateFilter byHeader(String header) {
    if (header.isEmpty()) {
      throw new IllegalArgumentException("header is empty: it must name a header");
    }
    return by(record -> record.headers().text(header));
  }

  /**
   * By a function of the record.
   *
   * @param id gives the event's id, unique within the stream; empty for records that are always
   *     delivered. Called once for each record, on handler threads, for several at a time. What it
   *     throws counts as empty
   */
  public static DuplicateFilter by(Function<ReceivedRecord, Optional<String>> id) {
    return new DuplicateFilter(Objects.requireNonNull(id, "id"), Duration.ofMinutes(5), 100_000);
  }

  /**
   * The same with another window. Default 5 minutes, more than twice the default delivery timeout
   * of a producer, which is how long its retries go on.
   *
   * @param time 1 s to 24 h
   * @throws IllegalArgumentException if it is out of that range
   */
  public DuplicateFilter window(Duration time) {
    if (time.compareTo(Duration.ofSeconds(1)) < 0 || time.compareTo(Duration.ofHours(24)) > 0) {
      throw new IllegalArgumentException("window " + time + ": must be 1 s to 24 h");
    }
    return new DuplicateFilter(id, time, maxIds);
  }

  /**
   * The same with another size. Default 100,000 ids for the whole worker: about 15 MB with ids of
   * 36 characters, and enough for 330 records a second in the default window.
   *
   * @param ids 1 to 100,000,000
   * @throws IllegalArgumentException if it is out of that range
   */
  public DuplicateFilter maxIds(int ids) {
    if (ids < 1 || ids > 100_000_000) {
      throw new IllegalArgumentException("maxIds " + ids + ": must be 1 to 100000000");
    }
    return new DuplicateFilter(id, window, ids);
  }

  /** See {@link #by}. */
  public Function<ReceivedRecord, Optional<String>> id() {
    return id;
  }

  /** See {@link #window(Duration)}. */
  public Duration window() {
    return window;
  }

  /** See {@link #maxIds(int)}. */
  public int maxIds() {
    return maxIds;
  }

  @Override
  public String toString() {
    return "DuplicateFilter[window=" + window + ", maxIds=" + maxIds + "]";
  }
}
