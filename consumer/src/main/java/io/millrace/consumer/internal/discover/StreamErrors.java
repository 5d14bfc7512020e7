package io.millrace.consumer.internal.discover;

import io.millrace.consumer.internal.fetch.KinesisFault;
import io.millrace.consumer.internal.loop.Failures;
import org.jspecify.annotations.Nullable;

/** Says what to do about a stream that can't be described or listed. */
public final class StreamErrors {
  private StreamErrors() {}

  /** Whether trying again may help without anybody doing anything. */
  public static boolean passes(KinesisFault fault) {
    return switch (fault.kind()) {
      case THROTTLED, TRANSIENT, IN_USE, EXPIRED_ITERATOR -> true;
      case NOT_FOUND, LIMIT_EXCEEDED, DENIED, KEY_UNAVAILABLE, INVALID -> false;
    };
  }

  /** The error of a stream, with what to do. */
  public static StreamException of(
      String stream, @Nullable KinesisFault fault, @Nullable Throwable failure) {
    if (fault == null) {
      return new StreamException(
          "stream '" + stream + "': no answer from Kinesis (" + Failures.describe(failure) + ")",
          failure);
    }
    String said = fault.code() + ": " + fault.message();
    String advice =
        switch (fault.kind()) {
          case NOT_FOUND ->
              "there is no such stream in this account and region: check the name, and the client's"
                  + " region, endpoint and credentials";
          case DENIED ->
              "check the credentials, and allow kinesis:DescribeStreamSummary, kinesis:ListShards,"
                  + " kinesis:GetShardIterator and kinesis:GetRecords on the stream";
          case TRANSIENT ->
              "Kinesis can't be reached or fails: check the client's endpoint, region and network";
          case THROTTLED, IN_USE, EXPIRED_ITERATOR -> "Kinesis refuses for load: start again later";
          case LIMIT_EXCEEDED -> "a limit of the account or stream is reached";
          case KEY_UNAVAILABLE -> "the key that encrypts the stream can't be used";
          case INVALID -> "the request is refused as invalid: check the stream's name or ARN";
        };
    return new StreamException("stream '" + stream + "': " + advice + " (" + said + ")", null);
  }
}
