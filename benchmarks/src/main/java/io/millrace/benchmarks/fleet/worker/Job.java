package io.millrace.benchmarks.fleet.worker;

import java.net.URI;
import java.time.Duration;
import java.util.List;

/**
 * What a worker is to do. Immutable.
 *
 * @param library whose worker it is
 * @param kinesis the Kinesis endpoint
 * @param dynamoDb the DynamoDB endpoint
 * @param application the application's name
 * @param stream the stream's name; it is read from its oldest record
 * @param worker the worker's id
 * @param pollInterval how often an idle shard is polled
 */
public record Job(
    Library library,
    URI kinesis,
    URI dynamoDb,
    String application,
    String stream,
    String worker,
    Duration pollInterval) {
  /** Who competes. */
  public enum Library {
    /** Millrace at its defaults, but for the poll interval. */
    MILLRACE,
    /** The same with one heartbeat per lease, as beside a KCL. */
    MILLRACE_PER_LEASE,
    /** The KCL 3.5.1 at its defaults, but for polling, its interval, and metrics, which are off. */
    KCL
  }

  /** The command line of {@link WorkerMain}. */
  public List<String> toArguments() {
    return List.of(
        library.name(),
        kinesis.toString(),
        dynamoDb.toString(),
        application,
        stream,
        worker,
        pollInterval.toString());
  }

  static Job parse(String[] arguments) {
    return new Job(
        Library.valueOf(arguments[0]),
        URI.create(arguments[1]),
        URI.create(arguments[2]),
        arguments[3],
        arguments[4],
        arguments[5],
        Duration.parse(arguments[6]));
  }
}
