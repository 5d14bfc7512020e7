package io.millrace.testkit;

import io.millrace.testkit.kinesis.settings.CoreSettings;
import io.millrace.testkit.kinesis.settings.EndpointClock;
import java.time.InstantSource;

/**
 * The settings of a {@link KinesisServer}. Immutable.
 *
 * <pre>{@code
 * KinesisServerSettings.builder()
 *     .core(CoreSettings.builder().limits(ServiceLimits.SERVICE).build())
 *     .build();
 * }</pre>
 */
public final class KinesisServerSettings {
  private final Builder values;

  private KinesisServerSettings(Builder values) {
    this.values = values;
  }

  /** The defaults: free ports, no limits, no delays. */
  public static KinesisServerSettings defaults() {
    return builder().build();
  }

  /** Starts from the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** Starts from these settings. */
  public Builder toBuilder() {
    return values.copy();
  }

  /** How the endpoint behaves. */
  public CoreSettings core() {
    return values.core;
  }

  /** The plain port, 0 for a free one. */
  public int port() {
    return values.port;
  }

  /** The TLS port, 0 for a free one. */
  public int tlsPort() {
    return values.tlsPort;
  }

  /** How many threads serve all connections. */
  public int eventLoopThreads() {
    return values.eventLoopThreads;
  }

  /** The endpoint's time. */
  public EndpointClock clock() {
    return values.clock;
  }

  /** The seed of all its chance. */
  public long seed() {
    return values.seed;
  }

  @Override
  public String toString() {
    return "KinesisServerSettings[core="
        + core()
        + ", port="
        + port()
        + ", tlsPort="
        + tlsPort()
        + ", eventLoopThreads="
        + eventLoopThreads()
        + ", seed="
        + seed()
        + "]";
  }

  /** Collects settings; not thread-safe. */
  public static final class Builder {
    private static final int MAX_PORT = 65_535;
    private static final int MAX_THREADS = 64;

    private CoreSettings core = CoreSettings.defaults();
    private int port;
    private int tlsPort;
    private int eventLoopThreads = 2;
    private EndpointClock clock = EndpointClock.of(InstantSource.system(), System::nanoTime);
    private long seed;

    private Builder() {}

    /** How the endpoint behaves: limits, durations, region; by default nothing is limited. */
    public Builder core(CoreSettings core) {
      this.core = core;
      return this;
    }

    /** The plain port; 0, the default, takes a free one. */
    public Builder port(int port) {
      this.port = port;
      return this;
    }

    /** The TLS port; 0, the default, takes a free one. */
    public Builder tlsPort(int tlsPort) {
      this.tlsPort = tlsPort;
      return this;
    }

    /** How many threads serve all connections, 1 to 64; 2 by default. */
    public Builder eventLoopThreads(int threads) {
      this.eventLoopThreads = threads;
      return this;
    }

    /**
     * The endpoint's time; the system's by default. With a clock of the test's own, records, limits
     * and expiry go by it. What the endpoint waits for on behalf of a client goes by real time in
     * any case: delayed answers, and how soon an idle subscription looks again.
     */
    public Builder clock(EndpointClock clock) {
      this.clock = clock;
      return this;
    }

    /** The seed of faults with a probability, of tokens and of AUTO distribution; 0 by default. */
    public Builder seed(long seed) {
      this.seed = seed;
      return this;
    }

    /**
     * Checks and builds.
     *
     * @throws IllegalArgumentException if a setting is out of its range; the message names it
     */
    public KinesisServerSettings build() {
      requireRange("port", port, 0, MAX_PORT);
      requireRange("tlsPort", tlsPort, 0, MAX_PORT);
      requireRange("eventLoopThreads", eventLoopThreads, 1, MAX_THREADS);
      return new KinesisServerSettings(copy());
    }

    private Builder copy() {
      Builder copy = new Builder();
      copy.core = core;
      copy.port = port;
      copy.tlsPort = tlsPort;
      copy.eventLoopThreads = eventLoopThreads;
      copy.clock = clock;
      copy.seed = seed;
      return copy;
    }

    private static void requireRange(String name, int value, int from, int to) {
      if (value < from || value > to) {
        throw new IllegalArgumentException(
            name + " is " + value + ": it must be from " + from + " to " + to);
      }
    }
  }
}
