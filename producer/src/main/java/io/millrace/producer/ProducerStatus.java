package io.millrace.producer;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a producer had outstanding at one moment.
 *
 * <p>Immutable.
 *
 * @param records user records accepted and not yet settled
 * @param bytes of the budget in use: buffers and overhead, not only payload
 * @param oldestAge since the put of the oldest unsettled record; zero if there is none. Exact to
 *     about 0.1 s.
 * @param streams one per stream that was put to
 */
public record ProducerStatus(
    long records, long bytes, Duration oldestAge, List<StreamStatus> streams) {

  /** Copies the streams. */
  public ProducerStatus {
    streams = List.copyOf(streams);
  }

  /**
   * One stream's share.
   *
   * @param stream name or ARN as given to {@code put}
   * @param records user records accepted and not yet settled
   * @param oldestAge since the put of the oldest unsettled record; zero if there is none
   * @param openShards shards of the shard map in use; 0 while none was loaded yet
   * @param trouble what keeps requests from succeeding, or keeps it unknown whether records may be
   *     aggregated; empty while all is well
   */
  public record StreamStatus(
      String stream, long records, Duration oldestAge, int openShards, Optional<Trouble> trouble) {}

  /**
   * Something that keeps being retried.
   *
   * @param code the service's error code or ours, as in {@link PutAttempt#code()}
   * @param message of the last failure
   * @param since how long ago the first failure without a success since was
   */
  public record Trouble(String code, String message, Duration since) {}
}
