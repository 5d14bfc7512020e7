package io.millrace.producer.internal.loop;

import io.millrace.producer.ProducerStatus.Trouble;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What keeps a stream's requests from succeeding: for the log, at a bounded rate, and for the
 * status. Nothing is retried in silence.
 *
 * <p>Written by the stream's loop, read by any thread.
 */
final class StreamTrouble {
  private static final Logger LOG = LoggerFactory.getLogger("io.millrace.producer.StreamProducer");
  private static final long REPEAT_NANOS = TimeUnit.SECONDS.toNanos(30);

  /** Being throttled now and then is normal; being throttled only is not. */
  private static final long THROTTLE_GRACE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final String where;
  private boolean logged;
  private long loggedNanos;
  private volatile @Nullable State state;

  private record State(String code, String message, long sinceNanos, long seenNanos) {
    Trouble trouble() {
      return new Trouble(code, message, Duration.ofNanos(seenNanos - sinceNanos));
    }
  }

  StreamTrouble(String where) {
    this.where = where;
  }

  /** Something failed, and is said elsewhere. */
  void note(String code, String message, long nowNanos) {
    noted(code, message, nowNanos);
  }

  private State noted(String code, String message, long nowNanos) {
    State before = state;
    State now = new State(code, message, before == null ? nowNanos : before.sinceNanos, nowNanos);
    state = now;
    return now;
  }

  /** A request failed, and will be made again. */
  void failed(String code, String message, boolean throttled, long nowNanos) {
    State now = noted(code, message, nowNanos);
    long grace = throttled ? THROTTLE_GRACE_NANOS : 0;
    boolean lasting = nowNanos - now.sinceNanos >= grace;
    boolean due = !logged || nowNanos - loggedNanos >= REPEAT_NANOS;
    if (lasting && due) {
      logged = true;
      loggedNanos = nowNanos;
      LOG.warn(
          "{}: requests fail with {} ({}) for {} s now; they are made again until deliveryTimeout",
          where,
          code,
          message,
          TimeUnit.NANOSECONDS.toSeconds(nowNanos - now.sinceNanos));
    }
  }

  /** A request succeeded. */
  void succeeded(long nowNanos) {
    State before = state;
    if (before != null) {
      state = null;
      if (logged) {
        LOG.info(
            "{}: requests succeed again after {} s",
            where,
            TimeUnit.NANOSECONDS.toSeconds(nowNanos - before.sinceNanos));
      }
      logged = false;
    }
  }

  /** What lasts, as of the last failure; empty if requests succeed. */
  Optional<Trouble> current() {
    return Optional.ofNullable(state).map(State::trouble);
  }

  /** The code of what lasts, empty if nothing does. */
  String code() {
    return current().map(Trouble::code).orElse("");
  }

  /** The words of what lasts, empty if nothing does. */
  String message() {
    return current().map(Trouble::message).orElse("");
  }
}
