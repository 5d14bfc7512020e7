package io.millrace.consumer.internal.process;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.millrace.consumer.handler.DuplicateFilter;
import io.millrace.consumer.handler.ReceivedRecord;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The event ids that a worker has acknowledged within the window of its {@link DuplicateFilter}.
 * Thread-safe.
 */
public final class DuplicateWindow {
  private final @Nullable Function<ReceivedRecord, Optional<String>> id;
  private final @Nullable Cache<Event, Boolean> acknowledged;

  /** An event of a stream. */
  private record Event(String stream, String id) {}

  private DuplicateWindow(
      @Nullable Function<ReceivedRecord, Optional<String>> id,
      @Nullable Cache<Event, Boolean> acknowledged) {
    this.id = id;
    this.acknowledged = acknowledged;
  }

  /** Creates an empty window; one that remembers nothing if there is no filter. */
  public static DuplicateWindow of(Optional<DuplicateFilter> filter, LongSupplier nanoClock) {
    return filter
        .map(chosen -> new DuplicateWindow(chosen.id(), cache(chosen, nanoClock)))
        .orElseGet(() -> new DuplicateWindow(null, null));
  }

  private static Cache<Event, Boolean> cache(DuplicateFilter filter, LongSupplier nanoClock) {
    return Caffeine.newBuilder()
        .ticker(nanoClock::getAsLong)
        .executor(Runnable::run)
        .maximumSize(filter.maxIds())
        .expireAfterWrite(filter.window())
        .build();
  }

  boolean isOff() {
    return id == null;
  }

  /** Asks the application for the record's event; outside of locks. */
  void identify(DeliveredRecord record) {
    if (id != null && !record.isCorrupt()) {
      try {
        id.apply(record).ifPresent(record::eventId);
      } catch (Throwable e) {
        // Deliberate, errors too: a record whose event can't be told is delivered.
      }
    }
  }

  /** Whether the record's event was acknowledged within the window. */
  boolean hasSeen(DeliveredRecord record) {
    String event = record.eventId();
    return event != null
        && acknowledged != null
        && acknowledged.getIfPresent(new Event(record.stream(), event)) != null;
  }

  /** The record is acknowledged. */
  void acknowledged(DeliveredRecord record) {
    String event = record.eventId();
    if (event != null && acknowledged != null) {
      acknowledged.put(new Event(record.stream(), event), Boolean.TRUE);
    }
  }
}
