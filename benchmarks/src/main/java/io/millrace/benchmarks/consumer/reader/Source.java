package io.millrace.benchmarks.consumer.reader;

import java.net.URI;
import java.util.Base64;
import java.util.List;

/**
 * Where to read from. Immutable.
 *
 * @param endpoint a Kinesis endpoint that speaks TLS
 * @param certificate its certificate, DER in Base64
 * @param dynamoDb where the lease table is
 * @param stream the stream's name
 * @param shards how many it has
 */
public record Source(URI endpoint, String certificate, URI dynamoDb, String stream, int shards) {
  static final String REGION = "us-east-1";
  static final String CREDENTIAL = "benchmark";

  private static final int FIELDS = 5;

  /** As arguments of a process. */
  public List<String> toArguments() {
    return List.of(
        endpoint.toString(), certificate, dynamoDb.toString(), stream, Integer.toString(shards));
  }

  /** Reads arguments from an index on. */
  static Source parse(String[] arguments, int from) {
    if (arguments.length < from + FIELDS) {
      throw new IllegalArgumentException(
          arguments.length + " arguments: they must have the five of a source from " + from);
    }
    return new Source(
        URI.create(arguments[from]),
        arguments[from + 1],
        URI.create(arguments[from + 2]),
        arguments[from + 3],
        Integer.parseInt(arguments[from + 4]));
  }

  byte[] certificateBytes() {
    return Base64.getDecoder().decode(certificate);
  }
}
