package io.millrace.testkit.kinesis.store;

import io.millrace.testkit.kinesis.model.ConsumerInfo;
import io.millrace.testkit.kinesis.model.KinesisError;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** A registered fan-out consumer with its running subscriptions. Thread-safe. */
public final class ConsumerState {
  private final StreamState stream;
  private final String name;
  private final String arn;
  private final Instant created;
  private final SortedMap<String, String> tags = new TreeMap<>();
  private final Map<Integer, Subscription> subscriptions = new ConcurrentHashMap<>();
  private volatile ConsumerInfo.Status status = ConsumerInfo.Status.CREATING;

  /** A consumer that is still being created. */
  public ConsumerState(StreamState stream, String name, long nowMillis) {
    this.stream = stream;
    this.name = name;
    this.created = Instant.ofEpochMilli(nowMillis);
    this.arn = stream.arn() + "/consumer/" + name + ':' + Math.floorDiv(nowMillis, 1_000L);
  }

  /** A running subscription, as seen by the one that takes over. */
  public interface Subscription {
    /** When it began. */
    long startedNanos();

    /** Whether it still runs. */
    boolean isActive();

    /** Ends it with an error; the caller holds no lock. */
    void evict(KinesisError reason);
  }

  /** Its stream. */
  public StreamState stream() {
    return stream;
  }

  /** Its name. */
  public String name() {
    return name;
  }

  /** Its ARN. */
  public String arn() {
    return arn;
  }

  /** Where it is in its life. */
  public ConsumerInfo.Status status() {
    return status;
  }

  /** Moves it on in its life. */
  public void become(ConsumerInfo.Status next) {
    status = next;
  }

  /** Describes it. */
  public ConsumerInfo describe() {
    return new ConsumerInfo(name, arn, status, created, stream.arn());
  }

  /** A copy of its tags. */
  public synchronized SortedMap<String, String> tags() {
    return new TreeMap<>(tags);
  }

  /** Replaces its tags. */
  public synchronized void setTags(Map<String, String> replacement) {
    tags.clear();
    tags.putAll(replacement);
  }

  /**
   * Lets a subscription begin unless a young one runs.
   *
   * @param guardNanos how long a running subscription can't be taken over
   * @return the one taken over, to be evicted; empty if there was none
   * @throws IllegalStateException if one runs that began less than {@code guardNanos} ago
   */
  public synchronized Optional<Subscription> replace(
      int shardIndex, Subscription next, long guardNanos) {
    Optional<Subscription> running =
        Optional.ofNullable(subscriptions.get(shardIndex)).filter(Subscription::isActive);
    if (running.isPresent() && next.startedNanos() - running.get().startedNanos() < guardNanos) {
      throw new IllegalStateException("a subscription is active");
    }
    subscriptions.put(shardIndex, next);
    return running;
  }

  /** Forgets a subscription that ended by itself. */
  public void forget(int shardIndex, Subscription ended) {
    subscriptions.remove(shardIndex, ended);
  }

  /** The subscriptions that run. */
  public Collection<Subscription> subscriptions() {
    return List.copyOf(subscriptions.values());
  }
}
