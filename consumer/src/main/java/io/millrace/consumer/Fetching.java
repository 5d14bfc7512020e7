package io.millrace.consumer;

import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How the shards of a stream are read.
 *
 * <p>Immutable.
 */
public final class Fetching {
  private static final Fetching POLLING = new Fetching(null, true);

  private final @Nullable String consumerName;
  private final boolean fallback;

  private Fetching(@Nullable String consumerName, boolean fallback) {
    this.consumerName = consumerName;
    this.fallback = fallback;
  }

  /**
   * By GetRecords: at no extra cost, with a latency of about half the poll interval, and with 5
   * calls and 2 MB per second and shard that all consumers of the stream share. The default.
   */
  public static Fetching polling() {
    return POLLING;
  }

  /**
   * By enhanced fan-out (SubscribeToShard): about 70 ms of latency and 2 MB per second and shard
   * for this application alone, at an extra price per shard-hour and GB. The stream consumer is
   * registered at the start if it does not exist, which takes some seconds, and is never
   * deregistered by this library: it is the fleet's, and a later start uses it again.
   *
   * <p>Where fan-out is denied (no permission, the stream's limit of consumers is reached) the
   * stream is polled instead, with one warning, and fan-out is tried again at the next start; see
   * {@link #withoutFallback()}.
   *
   * @param consumerName the name of the stream consumer, unique in the stream: 1 to 128 of {@code
   *     a-zA-Z0-9_.-}. All workers of an application use the same one, no other application may
   * @throws IllegalArgumentException if the name breaks that rule
   */
  public static Fetching fanOut(String consumerName) {
    if (!consumerName.matches("[a-zA-Z0-9_.-]{1,128}")) {
      throw new IllegalArgumentException(
          "fan-out consumer name '" + consumerName + "': must be 1 to 128 of a-zA-Z0-9_.-");
    }
    return new Fetching(consumerName, true);
  }

  /**
   * The same, but where fan-out is denied the stream is not read at all: its shards count as
   * stalled, with the service's words, and fan-out is tried again with backoff.
   */
  public Fetching withoutFallback() {
    return new Fetching(consumerName, false);
  }

  /** The name of the stream consumer; empty for polling. */
  public Optional<String> consumerName() {
    return Optional.ofNullable(consumerName);
  }

  /** Whether the stream is polled where fan-out is denied. */
  public boolean fallsBackToPolling() {
    return fallback;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Fetching that
        && fallback == that.fallback
        && Objects.equals(consumerName, that.consumerName);
  }

  @Override
  public int hashCode() {
    return Objects.hash(consumerName, fallback);
  }

  @Override
  public String toString() {
    return consumerName == null ? "polling" : "fanOut(" + consumerName + ")";
  }
}
