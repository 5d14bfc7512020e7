package io.millrace.testkit;

import io.millrace.testkit.kinesis.settings.CoreSettings;
import io.millrace.testkit.kinesis.settings.ServiceLimits;
import java.time.Duration;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The command line of {@link KinesisServerMain}. Immutable.
 *
 * @param settings the server's settings
 * @param streams the streams to create: name to number of shards, in the order given
 * @param replyDelay how long each call waits for its answer; zero for no delay
 * @param exitWithParent whether to exit when standard input ends
 */
record ServerArguments(
    KinesisServerSettings settings,
    Map<String, Integer> streams,
    Duration replyDelay,
    boolean exitWithParent) {
  static final String USAGE =
      """
      Usage: java -cp ... io.millrace.testkit.KinesisServerMain [flags]
        --port N                 plain port (default: a free one)
        --tls-port N             TLS port (default: a free one)
        --stream NAME:SHARDS     a stream to create; may be repeated
        --limits                 enforce the service's limits
        --sink                   take and count records, keep none
        --endless                let readers find a shard's records again and again
        --max-bytes-per-shard N  keep the newest N bytes of each shard
        --reshard-duration MS    how long a stream is UPDATING
        --reply-delay MS         answer each call after this time, as a remote service does
        --region NAME            region in ARNs (default: us-east-1)
        --account ID             account in ARNs (default: 000000000000)
        --threads N              event loop threads (default: 2)
        --exit-with-parent       exit when standard input ends
      """;

  private static final long MAX_DELAY_MILLIS = 60_000;
  private static final Pattern STREAM = Pattern.compile("([a-zA-Z0-9_.-]+):(\\d{1,5})");

  ServerArguments {
    streams = Collections.unmodifiableMap(new LinkedHashMap<>(streams));
  }

  /**
   * Reads a command line.
   *
   * @throws IllegalArgumentException if a flag is unknown or its value invalid; the message names
   *     it
   */
  static ServerArguments parse(List<String> arguments) {
    CoreSettings.Builder core = CoreSettings.builder();
    KinesisServerSettings.Builder server = KinesisServerSettings.builder();
    Map<String, Integer> streams = new LinkedHashMap<>();
    Duration replyDelay = Duration.ZERO;
    boolean exitWithParent = false;
    Iterator<String> rest = arguments.iterator();
    while (rest.hasNext()) {
      String flag = rest.next();
      switch (flag) {
        case "--port" -> server.port(number(flag, rest));
        case "--tls-port" -> server.tlsPort(number(flag, rest));
        case "--stream" -> addStream(value(flag, rest), streams);
        case "--limits" -> core.limits(ServiceLimits.SERVICE);
        case "--sink" -> core.sink(true);
        case "--endless" -> core.endless(true);
        case "--max-bytes-per-shard" -> core.maxBytesPerShard(longNumber(flag, rest));
        case "--reshard-duration" ->
            core.reshardDuration(Duration.ofMillis(longNumber(flag, rest)));
        case "--reply-delay" -> replyDelay = delay(flag, rest);
        case "--region" -> core.region(value(flag, rest));
        case "--account" -> core.accountId(value(flag, rest));
        case "--threads" -> server.eventLoopThreads(number(flag, rest));
        case "--exit-with-parent" -> exitWithParent = true;
        default -> throw new IllegalArgumentException("unknown flag " + flag);
      }
    }
    return new ServerArguments(
        server.core(core.build()).build(), streams, replyDelay, exitWithParent);
  }

  private static void addStream(String text, Map<String, Integer> streams) {
    Matcher stream = STREAM.matcher(text);
    if (!stream.matches()) {
      throw new IllegalArgumentException(
          "--stream is " + text + ": it must be NAME:SHARDS, such as orders:4");
    }
    streams.put(stream.group(1), Integer.parseInt(stream.group(2)));
  }

  private static Duration delay(String flag, Iterator<String> rest) {
    long millis = longNumber(flag, rest);
    if (millis < 0 || millis > MAX_DELAY_MILLIS) {
      throw new IllegalArgumentException(
          flag + " is " + millis + ": it must be from 0 to " + MAX_DELAY_MILLIS);
    }
    return Duration.ofMillis(millis);
  }

  private static int number(String flag, Iterator<String> rest) {
    long number = longNumber(flag, rest);
    if (number != (int) number) {
      throw new IllegalArgumentException(flag + " is " + number + ": it must have 32 bits");
    }
    return (int) number;
  }

  private static long longNumber(String flag, Iterator<String> rest) {
    String text = value(flag, rest);
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(flag + " is " + text + ": it must be an integer", e);
    }
  }

  private static String value(String flag, Iterator<String> rest) {
    if (!rest.hasNext()) {
      throw new IllegalArgumentException(flag + " has no value");
    }
    return rest.next();
  }
}
