package io.millrace.consumer.internal.coordinate;

import io.millrace.consumer.internal.discover.ConsumedStream;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.StreamIdentity;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The streams that this worker reads: they may come and go. Confined to the loop. */
final class ReadStreams {
  private static final Logger LOG = LoggerFactory.getLogger(ReadStreams.class);

  private final WorkerSettings settings;

  /** Streams of which this worker has held a lease: they have rows for as long as they are read. */
  private final Set<ConsumedStream> worked = new HashSet<>();

  private final Map<ConsumedStream, Runnable> beingRemoved = new LinkedHashMap<>();

  /** Streams that were dropped, and why. */
  private final Map<String, String> dropped = new TreeMap<>();

  private List<ConsumedStream> streams = List.of();

  ReadStreams(WorkerSettings settings) {
    this.settings = settings;
  }

  void begin(List<ConsumedStream> consumed) {
    streams = List.copyOf(consumed);
  }

  List<ConsumedStream> all() {
    return streams;
  }

  boolean isRead(ConsumedStream stream) {
    return streams.contains(stream);
  }

  /** The stream that is read under a name or ARN. */
  Optional<ConsumedStream> find(String nameOrArn) {
    return streams.stream()
        .filter(
            stream -> nameOrArn.equals(stream.name()) || nameOrArn.equals(stream.identity().arn()))
        .findFirst();
  }

  /** Why streams are not read that were, a line each. */
  Collection<String> problems() {
    return dropped.values();
  }

  /**
   * Adds a stream.
   *
   * @param leases all rows of the application
   * @return why it is not added; empty if it is
   */
  Optional<String> add(ConsumedStream stream, Collection<Lease> leases) {
    if (streams.stream().anyMatch(read -> isSame(read, stream))) {
      return Optional.of("stream '" + stream.name() + "' is read already");
    }
    Optional<String> stranger = Strangers.among(settings, List.of(stream), leases);
    if (stranger.isEmpty()) {
      List<ConsumedStream> more = new ArrayList<>(streams);
      more.add(stream);
      streams = List.copyOf(more);
      dropped.remove(stream.name());
      LOG.info("Stream {} is read from now on", stream.name());
    }
    return stranger;
  }

  private static boolean isSame(ConsumedStream one, ConsumedStream other) {
    return one.identity().arn().equals(other.identity().arn());
  }

  /** Reads a stream no more; {@code done} runs when none of its leases is held. */
  void remove(ConsumedStream stream, Runnable done) {
    List<ConsumedStream> left = new ArrayList<>(streams);
    left.remove(stream);
    streams = List.copyOf(left);
    worked.remove(stream);
    beingRemoved.put(stream, done);
    LOG.info("Stream {} is read no more", stream.name());
  }

  /** A lease may have ended: tells who waits for the last one of a stream. */
  void reportRemoved(HeldLeases held) {
    for (ConsumedStream stream : List.copyOf(beingRemoved.keySet())) {
      if (held.all().stream().noneMatch(lease -> stream.owns(lease.key()))) {
        Runnable done = beingRemoved.remove(stream);
        if (done != null) {
          done.run();
        }
      }
    }
  }

  /** A stream that was removed for a reason that an operator should know. */
  void dropped(ConsumedStream stream, RuntimeException why) {
    dropped.put(stream.name(), String.valueOf(why.getMessage()));
  }

  /** A lease of a stream is held. */
  void worksOn(ConsumedStream stream) {
    worked.add(stream);
  }

  /** The error of a stream that was worked on and has no row in a listing. */
  Optional<IllegalStateException> emptied(Collection<Lease> leases) {
    return streams.stream()
        .filter(worked::contains)
        .filter(stream -> leases.stream().noneMatch(lease -> stream.owns(lease.key())))
        .findFirst()
        .map(
            stream ->
                new IllegalStateException(
                    "the lease table of application "
                        + settings.application()
                        + " was emptied while it was in use: it has no row of stream '"
                        + stream.name()
                        + "'. Restore it, or stop all workers, and start again to read from the"
                        + " start position"));
  }

  /** The error of a stream whose name stands for another one now. */
  static IllegalStateException replaced(ConsumedStream stream, StreamIdentity now) {
    return new IllegalStateException(
        "stream '"
            + stream.name()
            + "' was deleted and created anew at "
            + now.createdAt()
            + ": its old checkpoints mean nothing now. Delete its leases (FleetAdmin.deleteLeases),"
            + " or use another application name");
  }
}
