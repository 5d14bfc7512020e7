package io.millrace.consumer.internal.coordinate;

import io.millrace.consumer.internal.discover.ConsumedStream;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.StreamIdentity;
import java.util.Collection;
import java.util.Optional;

/** Tells rows of another stream, or of a stream that was created anew, from this application's. */
final class Strangers {
  private Strangers() {}

  /** Why some row does not belong to what this application reads, if one does not. */
  static Optional<String> among(
      WorkerSettings settings, Collection<ConsumedStream> streams, Collection<Lease> leases) {
    for (Lease lease : leases) {
      if (settings.manyStreams() != lease.key().namesStream()) {
        return Optional.of(otherKeys(settings.application(), lease));
      }
      for (ConsumedStream stream : streams) {
        Optional<String> error = check(settings.application(), stream, lease);
        if (error.isPresent()) {
          return error;
        }
      }
    }
    return Optional.empty();
  }

  private static String otherKeys(String application, Lease lease) {
    return "application '"
        + application
        + "' has leases of "
        + (lease.key().namesStream() ? "many streams" : "a single stream")
        + ", and is started with "
        + (lease.key().namesStream() ? "a single one" : "many")
        + ": their lease keys differ and the checkpoints would not be found. Use another"
        + " application name, or "
        + (lease.key().namesStream()
            ? "build the consumer with manyStreams()"
            : "read the one stream without manyStreams()");
  }

  /** Why a row can't be this stream's nor that of a stream beside it; empty if it can. */
  private static Optional<String> check(String application, ConsumedStream stream, Lease lease) {
    if (lease.key().namesStream()) {
      return stream.owns(lease.key()) || !stream.isAnotherLifeOf(lease.key())
          ? Optional.empty()
          : Optional.of(recreated(application, stream, lease.key().stream()));
    }
    StreamIdentity found = lease.stream().orElse(null);
    if (found == null || found.equals(stream.identity())) {
      return Optional.empty();
    }
    if (found.arn().equals(stream.identity().arn())) {
      return Optional.of(
          recreated(application, stream, found.name() + ", created at " + found.createdAt()));
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

  private static String recreated(String application, ConsumedStream stream, String before) {
    return "application '"
        + application
        + "' has leases of stream '"
        + stream.identity().name()
        + "' from before it was deleted ("
        + before
        + "); it was created anew at "
        + stream.identity().createdAt()
        + ": its old checkpoints mean nothing now. Delete these leases"
        + " (FleetAdmin.deleteLeases), or use another application name";
  }
}
