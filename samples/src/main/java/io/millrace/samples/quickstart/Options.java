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
 */
record Options(
    Optional<String> endpoint,
    Optional<String> dynamoDbEndpoint,
    String region,
    Optional<String> stream,
    int records,
    int rate,
    int workers,
    boolean fanOut) {

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
      Credentials come from the SDK's default chain; an endpoint on this machine needs none.\
      """;

  static Options parse(String... args) {
    Options options =
        new Options(
            Optional.empty(),
            Optional.empty(),
            "us-east-1",
            Optional.empty(),
            40_000,
            2_000,
            3,
            false);
    Deque<String> rest = new ArrayDeque<>(Arrays.asList(args));
    while (!rest.isEmpty()) {
      String flag = rest.pop();
      try {
        options = options.with(flag, rest);
      } catch (NoSuchElementException e) {
        throw new IllegalArgumentException(flag + " needs a value", e);
      }
    }
    return options;
  }

  private Options with(String flag, Deque<String> rest) {
    return switch (flag) {
      case "--endpoint" ->
          new Options(
              Optional.of(place(flag, rest.pop())),
              dynamoDbEndpoint,
              region,
              stream,
              records,
              rate,
              workers,
              fanOut);
      case "--dynamodb-endpoint" ->
          new Options(
              endpoint,
              Optional.of(place(flag, rest.pop())),
              region,
              stream,
              records,
              rate,
              workers,
              fanOut);
      case "--region" ->
          new Options(
              endpoint, dynamoDbEndpoint, rest.pop(), stream, records, rate, workers, fanOut);
      case "--stream" ->
          new Options(
              endpoint,
              dynamoDbEndpoint,
              region,
              Optional.of(rest.pop()),
              records,
              rate,
              workers,
              fanOut);
      case "--records" ->
          new Options(
              endpoint,
              dynamoDbEndpoint,
              region,
              stream,
              number(flag, rest.pop(), 1_000, 5_000_000),
              rate,
              workers,
              fanOut);
      case "--rate" ->
          new Options(
              endpoint,
              dynamoDbEndpoint,
              region,
              stream,
              records,
              number(flag, rest.pop(), 10, 100_000),
              workers,
              fanOut);
      case "--workers" ->
          new Options(
              endpoint,
              dynamoDbEndpoint,
              region,
              stream,
              records,
              rate,
              number(flag, rest.pop(), 1, 8),
              fanOut);
      case "--fan-out" ->
          new Options(endpoint, dynamoDbEndpoint, region, stream, records, rate, workers, true);
      default -> throw new IllegalArgumentException("unknown flag " + flag);
    };
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
