package io.millrace.testkit.kinesis.settings;

import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * The time of an endpoint: wall time for timestamps, and nanoseconds that only go forward for
 * everything else.
 */
public interface EndpointClock extends InstantSource {
  /** Elapsed nanoseconds from an arbitrary origin; compared by subtraction. */
  long nanoTime();

  /** Joins two sources, such as {@code InstantSource.system()} and {@code System::nanoTime}. */
  static EndpointClock of(InstantSource wall, LongSupplier nanos) {
    return new EndpointClock() {
      @Override
      public Instant instant() {
        return wall.instant();
      }

      @Override
      public long millis() {
        return wall.millis();
      }

      @Override
      public long nanoTime() {
        return nanos.getAsLong();
      }
    };
  }
}
