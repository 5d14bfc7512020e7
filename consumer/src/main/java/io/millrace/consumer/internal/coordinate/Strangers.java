package io.millrace.consumer.internal.coordinate;

import io.millrace.consumer.internal.discover.ConsumedStream;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.StreamIdentity;
import java.util.Optional;

/** Tells rows of another stream, or of a stream that was created anew, from this application's. */
final class Strangers {
  private Strangers() {}

  /** Why a row can't be this stream's nor that of a stream beside it; empty if it can. */
  static Optional<String> check(String application, ConsumedStream stream, Lease lease) {
    if (stream.keyPrefix().isEmpty() == lease.key().namesStream()) {
      return Optional.of(
          "application '"
              + application
              + "' has leases of "
              + (lease.key().namesStream() ? "many streams" : "a single stream")
              + ", and is started with "
              + (lease.key().namesStream() ? "a single one" : "many")
              + ": their lease keys differ and the checkpoints would not be found. Use another"
              + " application name");
    }
    StreamIdentity found = lease.stream().orElse(null);
    if (found == null || !stream.owns(lease.key()) || found.equals(stream.identity())) {
      return Optional.empty();
    }
    if (found.arn().equals(stream.identity().arn())) {
      return Optional.of(
          "application '"
              + application
              + "' has leases of stream '"
              + found.name()
              + "' as it was created at "
              + found.createdAt()
              + ", and the stream was created anew at "
              + stream.identity().createdAt()
              + ": its old checkpoints mean nothing now. Delete the application's leases, or use"
              + " another application name");
    }
    return Optional.of(
        "application '"
            + application
            + "' is used for stream "
            + found.arn()
            + " already, and is started for "
            + stream.identity().arn()
            + ": use another application name");
  }
}
