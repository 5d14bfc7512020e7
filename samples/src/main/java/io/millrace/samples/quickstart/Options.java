package io.millrace.samples.quickstart;

import io.millrace.samples.fleet.Connection;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * What the command line asks for.
 *
 * @param endpoint Kinesis; empty = the testkit's, started here
 * @param dynamoDbEndpoint DynamoDB; empty = DynamoDB Local, started here
 * @param stream empty = a new stream, deleted afterwards
 * @param records how many click events are put
 * @param rate click events per second
 * @param parallelism how many handlers may run at a time for one shard
 */
record Options(
    Optional<String> endpoint,
    Optional<String> dynamoDbEndpoint,
    String region,
    Optional<String> stream,
    int records,
    int rate,
    int workers,
    boolean fanOut,
    int parallelism) {

  static final String USAGE =
      """
      usage: samples/run quickstart [flags]
        --endpoint URL|aws           Kinesis (default: the testkit's endpoint, started here)
        --dynamodb-endpoint URL|aws  DynamoDB (default: DynamoDB Local, started here;
                                     with --endpoint aws: aws)
        --region NAME                default us-east-1
        --stream NAME                an existing stream; its shards are left alone
                                     (default: a new stream of 4 shards, deleted at the end)
        --records N                  click events to put (default 40000)
        --rate N                     click events per second (default 2000)
        --workers N                  1 to 8 worker processes (default 3)
        --fan-out                    read by enhanced fan-out instead of polling
        --parallelism N              1 to 1000 handlers at a time per shard, in order per key
                                     (default 1)
      Credentials come from the SDK's default chain; an endpoint on this machine needs none.\
      """;

  static Options parse(String... args) {
    Draft draft = new Draft();
    Deque<String> rest = new ArrayDeque<>(Arrays.asList(args));
    while (!rest.isEmpty()) {
      String flag = rest.pop();
      try {
        draft.take(flag, rest);
      } catch (NoSuchElementException e) {
        throw new IllegalArgumentException(flag + " needs a value", e);
      }
    }
    return draft.done();
  }

  /** The options as far as they were read. */
  private static final class Draft {
    private Optional<String> endpoint = Optional.empty();
    private Optional<String> dynamoDbEndpoint = Optional.empty();
    private String region = "us-east-1";
    private Optional<String> stream = Optional.empty();
    private int records = 40_000;
    private int rate = 2_000;
    private int workers = 3;
    private boolean fanOut;
    private int parallelism = 1;

    void take(String flag, Deque<String> rest) {
      switch (flag) {
        case "--endpoint" -> endpoint = Optional.of(place(flag, rest.pop()));
        case "--dynamodb-endpoint" -> dynamoDbEndpoint = Optional.of(place(flag, rest.pop()));
        case "--region" -> region = rest.pop();
        case "--stream" -> stream = Optional.of(rest.pop());
        case "--records" -> records = number(flag, rest.pop(), 1_000, 5_000_000);
        case "--rate" -> rate = number(flag, rest.pop(), 10, 100_000);
        case "--workers" -> workers = number(flag, rest.pop(), 1, 8);
        case "--fan-out" -> fanOut = true;
        case "--parallelism" -> parallelism = number(flag, rest.pop(), 1, 1_000);
        default -> throw new IllegalArgumentException("unknown flag " + flag);
      }
    }

    Options done() {
      return new Options(
          endpoint, dynamoDbEndpoint, region, stream, records, rate, workers, fanOut, parallelism);
    }
  }

  private static String place(String flag, String value) {
    if (value.equals(Connection.AWS)) {
      return value;
    }
    try {
      URI uri = URI.create(value);
      if (uri.getScheme() != null && uri.getHost() != null) {
        return value;
      }
    } catch (IllegalArgumentException notAUri) {
      // Told below.
    }
    throw new IllegalArgumentException(
        flag + " " + value + ": must be 'aws' or a URL such as http://127.0.0.1:4567");
  }

  private static int number(String flag, String value, int least, int most) {
    try {
      int number = Integer.parseInt(value.replace("_", "").replace(",", ""));
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException notANumber) {
      // Told below.
    }
    throw new IllegalArgumentException(
        flag + " " + value + ": must be a number from " + least + " to " + most);
  }
}
