package io.millrace.consumer.internal.coordinate;

import io.millrace.consumer.ConsumerSettings;
import io.millrace.consumer.Fetching;
import io.millrace.consumer.StartAt;
import io.millrace.consumer.internal.hold.HoldTiming;
import io.millrace.consumer.internal.member.FailoverTiming;
import java.time.Duration;
import java.util.List;

/**
 * What coordination needs to know. Immutable.
 *
 * @param application the application's name
 * @param worker this worker's id
 * @param incarnation random, one per process and worker
 * @param streams what to read
 * @param manyStreams whether lease keys name their stream, so that there may be any number of them
 * @param consumer the settings that the application gave
 */
public record WorkerSettings(
    String application,
    String worker,
    String incarnation,
    List<StreamToRead> streams,
    boolean manyStreams,
    ConsumerSettings consumer) {
  /** How long a start may take before it fails with what it is waiting for. */
  static final Duration START_TIMEOUT = Duration.ofSeconds(20);

  /** How long the last writes may take after the drain time is over. */
  static final Duration LAST_WRITES = Duration.ofSeconds(2);

  /** Copies the streams. */
  public WorkerSettings {
    streams = List.copyOf(streams);
  }

  /** An application of exactly these streams. */
  public WorkerSettings(
      String application,
      String worker,
      String incarnation,
      List<StreamToRead> streams,
      ConsumerSettings consumer) {
    this(application, worker, incarnation, streams, streams.size() > 1, consumer);
  }

  /**
   * A stream as the application named it.
   *
   * @param nameOrArn its name or ARN
   * @param startAt where shards without a lease are first read from
   * @param fetching how it is read
   */
  public record StreamToRead(String nameOrArn, StartAt startAt, Fetching fetching) {}

  /** The times that follow from the failover time. */
  FailoverTiming timing() {
    return FailoverTiming.of(consumer.failoverTime());
  }

  /** The times of held leases. */
  HoldTiming holdTiming() {
    return new HoldTiming(
        timing().attemptNanos(),
        consumer.checkpointTimeout().toNanos(),
        consumer.handoffTimeout().toNanos(),
        consumer.parkedRetryInterval().map(Duration::toNanos).orElse(0L));
  }
}
