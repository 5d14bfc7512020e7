package io.millrace.testkit.kinesis.store;

import io.millrace.testkit.kinesis.model.StreamStatus;
import io.millrace.testkit.kinesis.settings.CoreSettings;
import io.millrace.testkit.kinesis.store.Lineage.Moment;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * A stream. Thread-safe: its lock guards its status, what is to become of it, its tags and metrics;
 * under it only the locks of lineage and shards are taken. Puts and reads don't take it, unless a
 * change is due.
 */
public final class StreamState {
  private final String name;
  private final String arn;
  private final long incarnation;
  private final Moment created;
  private final boolean trims;
  private final Lineage lineage;
  private final AtomicLong turns;
  private final SortedMap<String, String> tags = new TreeMap<>();
  private final NavigableSet<String> metrics = new TreeSet<>();
  private final ConcurrentSkipListMap<String, ConsumerState> consumers =
      new ConcurrentSkipListMap<>();
  private final List<Change> changes = new ArrayList<>();
  private volatile boolean changing;
  private volatile StreamStatus status = StreamStatus.CREATING;
  private volatile StreamAttributes attributes;

  /**
   * A stream without shards.
   *
   * @param incarnation differs between streams, also between those of the same name
   * @param salt 0 to 9999999999; marks its sequence numbers
   */
  public StreamState(
      Identity identity, long incarnation, long salt, StreamAttributes attributes, Moment now) {
    this.name = identity.name();
    this.arn = identity.arn();
    this.incarnation = incarnation;
    this.created = now;
    this.attributes = attributes;
    this.trims = identity.settings().limits().retention();
    this.lineage = new Lineage(identity.settings(), salt, now.millis());
    this.turns = new AtomicLong(salt);
  }

  /**
   * What a stream is called, and where it is.
   *
   * @param name unique in the account
   * @param arn with region, account and name
   * @param settings of the endpoint
   */
  public record Identity(String name, String arn, CoreSettings settings) {}

  /** A change that is to happen at a time. */
  private record Change(long dueNanos, Runnable action) {}

  /** The name. */
  public String name() {
    return name;
  }

  /** The ARN. */
  public String arn() {
    return arn;
  }

  /** What tells it from other streams of its name. */
  public long incarnation() {
    return incarnation;
  }

  /** When it was created, in milliseconds. */
  public long createdMillis() {
    return created.millis();
  }

  /** Its shards. */
  public Lineage lineage() {
    return lineage;
  }

  /** Where it is in its life. */
  public StreamStatus status() {
    return status;
  }

  /** What can be changed about it. */
  public StreamAttributes attributes() {
    return attributes;
  }

  /** Its consumers by name. */
  public ConcurrentSkipListMap<String, ConsumerState> consumers() {
    return consumers;
  }

  /** Swaps the attributes. */
  public synchronized void change(UnaryOperator<StreamAttributes> update) {
    attributes = update.apply(attributes);
  }

  /** Runs an action under the stream's lock; for checks that must hold until their effect. */
  public synchronized <T> T exclusively(Supplier<T> action) {
    return action.get();
  }

  /** A copy of its tags. */
  public synchronized SortedMap<String, String> tags() {
    return new TreeMap<>(tags);
  }

  /** Changes its tags. */
  public synchronized void setTags(SortedMap<String, String> replacement) {
    tags.clear();
    tags.putAll(replacement);
  }

  /** A copy of the names of its shard-level metrics. */
  public synchronized NavigableSet<String> metrics() {
    return new TreeSet<>(metrics);
  }

  /** Changes the names of its shard-level metrics. */
  public synchronized void setMetrics(Collection<String> replacement) {
    metrics.clear();
    metrics.addAll(replacement);
  }

  /** A number that goes up by one each time, for the stream's turns among its shards. */
  public long nextTurn() {
    return turns.getAndIncrement();
  }

  /** The time before which records are gone; the smallest long where nothing is trimmed. */
  public long horizonMillis(long nowMillis) {
    return trims ? attributes.horizonMillis(nowMillis) : Long.MIN_VALUE;
  }

  /** The oldest time a listing reaches back to: retention where it trims, else the creation. */
  public long trimHorizonMillis(long nowMillis) {
    return Math.max(horizonMillis(nowMillis), created.millis());
  }

  /** Moves it on in its life. */
  public synchronized void become(StreamStatus next) {
    status = next;
  }

  /** Has an action happen after a delay, under this stream's lock; at once if the delay is 0. */
  public synchronized void after(long delayNanos, long nowNanos, Runnable action) {
    if (delayNanos == 0) {
      action.run();
      return;
    }
    changes.add(new Change(nowNanos + delayNanos, action));
    changing = true;
  }

  /** Lets everything happen that is due; every access begins with it. */
  public void settle(long nowNanos) {
    if (changing) {
      runDue(nowNanos);
      lineage.signalClosed();
    }
  }

  /** Nanoseconds until the next change is due; empty if none is to come. */
  public synchronized OptionalLong nanosUntilChange(long nowNanos) {
    return changes.stream().mapToLong(change -> Math.max(0, change.dueNanos() - nowNanos)).min();
  }

  /** A shard that is not beyond retention. */
  public Optional<ShardState> shard(int index, long nowMillis) {
    long horizonMillis = horizonMillis(nowMillis);
    return lineage.find(index).filter(shard -> shard.closedMillis() >= horizonMillis);
  }

  /** The shards that are not beyond retention, in order of their ids. */
  public List<ShardState> shards(long nowMillis) {
    lineage.expire(horizonMillis(nowMillis));
    return List.copyOf(lineage.all());
  }

  private synchronized void runDue(long nowNanos) {
    List<Change> due = new ArrayList<>();
    for (Iterator<Change> all = changes.iterator(); all.hasNext(); ) {
      Change change = all.next();
      if (change.dueNanos() - nowNanos <= 0) {
        due.add(change);
        all.remove();
      }
    }
    changing = !changes.isEmpty();
    due.sort(Comparator.comparingLong(change -> change.dueNanos() - nowNanos));
    due.forEach(change -> change.action().run());
  }
}
