package io.millrace.consumer.failure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What happens when the application's code throws, or reports records as failed. Named in the words
 * of the event source mappings of AWS Lambda.
 *
 * <p>The default retries for ever, with full-jitter exponential backoff between 100 ms and 30 s;
 * the shard (with {@code parallelism(n, PER_KEY)}: the key) visibly stands still meanwhile. No
 * record is ever skipped: a record that is given up either is durable at the {@link
 * OnFailureDestination}, or the shard is <em>parked</em>: it keeps its lease, is not read, and
 * waits for an operator.
 *
 * <pre>{@code
 * FailurePolicy.builder()
 *     .maximumRetryAttempts(5)
 *     .bisectBatchOnError(true)
 *     .pauseOn(DatabaseDown.class)
 *     .onFailure(deadLetters)
 *     .build();
 * }</pre>
 *
 * <p>Immutable.
 */
public final class FailurePolicy {
  private static final FailurePolicy RETRY_FOREVER = builder().build();

  private final int maximumRetryAttempts;
  private final @Nullable Duration maximumRecordAge;
  private final boolean bisectBatchOnError;
  private final Duration minBackoff;
  private final Duration maxBackoff;
  private final List<Class<? extends Throwable>> fatal;
  private final List<Class<? extends Throwable>> pauseOn;
  private final @Nullable OnFailureDestination onFailure;
  private final CorruptAggregates corruptAggregates;

  private FailurePolicy(Builder builder) {
    this.maximumRetryAttempts = builder.maximumRetryAttempts;
    this.maximumRecordAge = builder.maximumRecordAge;
    this.bisectBatchOnError = builder.bisectBatchOnError;
    this.minBackoff = builder.minBackoff;
    this.maxBackoff = builder.maxBackoff;
    this.fatal = builder.fatal;
    this.pauseOn = builder.pauseOn;
    this.onFailure = builder.onFailure;
    this.corruptAggregates = builder.corruptAggregates;
  }

  /** The default: every failed record is retried until it succeeds or the lease goes. */
  public static FailurePolicy retryForever() {
    return RETRY_FOREVER;
  }

  /** A builder with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** A builder with the values of this policy. */
  public Builder toBuilder() {
    Builder builder = new Builder();
    builder.maximumRetryAttempts = maximumRetryAttempts;
    builder.maximumRecordAge = maximumRecordAge;
    builder.bisectBatchOnError = bisectBatchOnError;
    builder.minBackoff = minBackoff;
    builder.maxBackoff = maxBackoff;
    builder.fatal = fatal;
    builder.pauseOn = pauseOn;
    builder.onFailure = onFailure;
    builder.corruptAggregates = corruptAggregates;
    return builder;
  }

  /** See {@link Builder#maximumRetryAttempts}; -1 means no limit. */
  public int maximumRetryAttempts() {
    return maximumRetryAttempts;
  }

  /** See {@link Builder#maximumRecordAge}; empty means no limit. */
  public Optional<Duration> maximumRecordAge() {
    return Optional.ofNullable(maximumRecordAge);
  }

  /** See {@link Builder#bisectBatchOnError}. */
  public boolean bisectBatchOnError() {
    return bisectBatchOnError;
  }

  /** See {@link Builder#backoff}. */
  public Duration minBackoff() {
    return minBackoff;
  }

  /** See {@link Builder#backoff}. */
  public Duration maxBackoff() {
    return maxBackoff;
  }

  /** See {@link Builder#fatal}. Unmodifiable. */
  public List<Class<? extends Throwable>> fatal() {
    return fatal;
  }

  /** See {@link Builder#pauseOn}. Unmodifiable. */
  public List<Class<? extends Throwable>> pauseOn() {
    return pauseOn;
  }

  /** See {@link Builder#onFailure}. */
  public Optional<OnFailureDestination> onFailure() {
    return Optional.ofNullable(onFailure);
  }

  /** See {@link Builder#corruptAggregates}. */
  public CorruptAggregates corruptAggregates() {
    return corruptAggregates;
  }

  @Override
  public String toString() {
    return "FailurePolicy[maximumRetryAttempts="
        + maximumRetryAttempts
        + ", maximumRecordAge="
        + maximumRecordAge
        + ", bisectBatchOnError="
        + bisectBatchOnError
        + ", backoff="
        + minBackoff
        + ".."
        + maxBackoff
        + ", fatal="
        + fatal
        + ", pauseOn="
        + pauseOn
        + ", onFailure="
        + (onFailure != null)
        + ", corruptAggregates="
        + corruptAggregates
        + "]";
  }

  /** Builds a {@link FailurePolicy}. Confined to one thread. */
  public static final class Builder {
    private int maximumRetryAttempts = -1;
    private @Nullable Duration maximumRecordAge;
    private boolean bisectBatchOnError;
    private Duration minBackoff = Duration.ofMillis(100);
    private Duration maxBackoff = Duration.ofSeconds(30);
    private List<Class<? extends Throwable>> fatal = List.of();
    private List<Class<? extends Throwable>> pauseOn = List.of();
    private @Nullable OnFailureDestination onFailure;
    private CorruptAggregates corruptAggregates = CorruptAggregates.DELIVER_RAW;

    private Builder() {}

    /**
     * How often a failed record (or batch) is delivered again before it is given up. Default -1:
     * for ever. With 0 the first failure gives it up. Failures by {@link #pauseOn} and the halving
     * of {@link #bisectBatchOnError} don't count.
     *
     * @param attempts -1 to 10,000
     * @throws IllegalArgumentException if it is out of that range
     */
    public Builder maximumRetryAttempts(int attempts) {
      if (attempts < -1 || attempts > 10_000) {
        throw new IllegalArgumentException(
            "maximumRetryAttempts " + attempts + ": must be -1 (no limit) to 10000");
      }
      this.maximumRetryAttempts = attempts;
      return this;
    }

    /**
     * A failed record that is older than this, by its arrival time, is given up without another
     * delivery. Default: no limit. A record that never failed is always delivered, however old it
     * is.
     *
     * @param age at least 1 second
     * @throws IllegalArgumentException if it is shorter
     */
    public Builder maximumRecordAge(Duration age) {
      if (age.compareTo(Duration.ofSeconds(1)) < 0) {
        throw new IllegalArgumentException("maximumRecordAge " + age + ": must be at least 1 s");
      }
      this.maximumRecordAge = age;
      return this;
    }

    /**
     * Whether a batch that failed as a whole is split into halves, which are delivered one after
     * the other, until a failing record stands alone. Default false. Only for batch handlers and
     * shard processors.
     */
    public Builder bisectBatchOnError(boolean bisect) {
      this.bisectBatchOnError = bisect;
      return this;
    }

    /**
     * The bounds of the backoff before a failed record is delivered again: after failure n a random
     * time between 0 and min * 2^(n-1), at most max. Default 100 ms and 30 s.
     *
     * @param min 1 ms to max
     * @param max min to 15 minutes
     * @throws IllegalArgumentException if a bound is out of range
     */
    public Builder backoff(Duration min, Duration max) {
      if (min.compareTo(Duration.ofMillis(1)) < 0
          || max.compareTo(min) < 0
          || max.compareTo(Duration.ofMinutes(15)) > 0) {
        throw new IllegalArgumentException(
            "backoff min " + min + ", max " + max + ": must hold 1 ms <= min <= max <= 15 min");
      }
      this.minBackoff = min;
      this.maxBackoff = max;
      return this;
    }

    /**
     * Exceptions, with their subclasses, that park the shard at once: retrying can't help, and
     * giving single records up would be wrong (a bug, a schema that nobody knows). The cause chain
     * is searched too. Default: none.
     */
    @SafeVarargs
    public final Builder fatal(Class<? extends Throwable>... classes) {
      List<Class<? extends Throwable>> chosen = new ArrayList<>();
      for (Class<? extends Throwable> type : classes) {
        chosen.add(type);
      }
      this.fatal = List.copyOf(chosen);
      return this;
    }

    /**
     * Exceptions, with their subclasses, that say that something the application depends on is
     * down. They open a circuit breaker for the whole worker: nothing is delivered until a probe,
     * one record after the backoff, succeeds. No attempt is counted. The cause chain is searched
     * too. Default: none.
     */
    @SafeVarargs
    public final Builder pauseOn(Class<? extends Throwable>... classes) {
      List<Class<? extends Throwable>> chosen = new ArrayList<>();
      for (Class<? extends Throwable> type : classes) {
        chosen.add(type);
      }
      this.pauseOn = List.copyOf(chosen);
      return this;
    }

    /** Where records go that are given up. Default: none, so that giving up parks the shard. */
    public Builder onFailure(OnFailureDestination destination) {
      this.onFailure = destination;
      return this;
    }

    /** What happens to corrupt aggregates. Default {@link CorruptAggregates#DELIVER_RAW}. */
    public Builder corruptAggregates(CorruptAggregates policy) {
      this.corruptAggregates = policy;
      return this;
    }

    /**
     * Builds the policy.
     *
     * @throws IllegalArgumentException if corrupt aggregates go to a destination and there is none
     */
    public FailurePolicy build() {
      if (corruptAggregates == CorruptAggregates.TO_DESTINATION && onFailure == null) {
        throw new IllegalArgumentException(
            "corruptAggregates TO_DESTINATION: needs an onFailure destination");
      }
      return new FailurePolicy(this);
    }
  }
}
