package io.millrace.testkit.kinesis.settings;

import java.time.Duration;

/**
 * The settings of an endpoint. Immutable.
 *
 * <pre>{@code
 * CoreSettings settings =
 *     CoreSettings.builder().limits(ServiceLimits.SERVICE).reshardDuration(Duration.ofSeconds(1)).build();
 * }</pre>
 */
public final class CoreSettings {
  private final Builder values;

  private CoreSettings(Builder values) {
    this.values = values;
  }

  /** The defaults: nothing limited, everything at once. */
  public static CoreSettings defaults() {
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

  /** The region in ARNs. */
  public String region() {
    return values.region;
  }

  /** The account in ARNs. */
  public String accountId() {
    return values.accountId;
  }

  /** Which of the service's limits are enforced. */
  public ServiceLimits limits() {
    return values.limits;
  }

  /** How long a stream is CREATING. */
  public Duration createDuration() {
    return values.createDuration;
  }

  /** How long a stream is DELETING. */
  public Duration deleteDuration() {
    return values.deleteDuration;
  }

  /** How long a stream is UPDATING before the change takes place. */
  public Duration reshardDuration() {
    return values.reshardDuration;
  }

  /** How long a consumer is CREATING or DELETING. */
  public Duration consumerDuration() {
    return values.consumerDuration;
  }

  /** How long a subscription lasts. */
  public Duration subscriptionLifetime() {
    return values.subscriptionLifetime;
  }

  /** After what time without records a subscription pushes an empty event. */
  public Duration subscriptionIdleInterval() {
    return values.subscriptionIdleInterval;
  }

  /** Most bytes kept per shard; 0 for no bound. */
  public long maxBytesPerShard() {
    return values.maxBytesPerShard;
  }

  /** Most open shards of the account. */
  public int shardLimit() {
    return values.shardLimit;
  }

  /** Whether records are counted and dropped. */
  public boolean sink() {
    return values.sink;
  }

  /** Whether readers find the records of a shard again and again. */
  public boolean endless() {
    return values.endless;
  }

  /** Whether the reply with a closed shard's last records already ends the shard. */
  public boolean shardEndWithLastRecords() {
    return values.shardEndWithLastRecords;
  }

  /** Whether a PutRecords stores its records in any order. */
  public boolean unorderedPutRecords() {
    return values.unorderedPutRecords;
  }

  @Override
  public String toString() {
    return "CoreSettings[region="
        + region()
        + ", accountId="
        + accountId()
        + ", limits="
        + limits()
        + ", createDuration="
        + createDuration()
        + ", deleteDuration="
        + deleteDuration()
        + ", reshardDuration="
        + reshardDuration()
        + ", consumerDuration="
        + consumerDuration()
        + ", subscriptionLifetime="
        + subscriptionLifetime()
        + ", subscriptionIdleInterval="
        + subscriptionIdleInterval()
        + ", maxBytesPerShard="
        + maxBytesPerShard()
        + ", shardLimit="
        + shardLimit()
        + ", sink="
        + sink()
        + ", endless="
        + endless()
        + ", shardEndWithLastRecords="
        + shardEndWithLastRecords()
        + ", unorderedPutRecords="
        + unorderedPutRecords()
        + "]";
  }

  /** Collects settings; not thread-safe. */
  public static final class Builder {
    private String region = "us-east-1";
    private String accountId = "000000000000";
    private ServiceLimits limits = ServiceLimits.NONE;
    private Duration createDuration = Duration.ZERO;
    private Duration deleteDuration = Duration.ZERO;
    private Duration reshardDuration = Duration.ZERO;
    private Duration consumerDuration = Duration.ZERO;
    private Duration subscriptionLifetime = Duration.ofMinutes(5);
    private Duration subscriptionIdleInterval = Duration.ofSeconds(5);
    private long maxBytesPerShard;
    private int shardLimit = 20_000;
    private boolean sink;
    private boolean endless;
    private boolean shardEndWithLastRecords;
    private boolean unorderedPutRecords;

    private Builder() {}

    /** The region in ARNs; {@code us-east-1} by default. */
    public Builder region(String region) {
      this.region = region;
      return this;
    }

    /** The account in ARNs, 12 digits; {@code 000000000000} by default. */
    public Builder accountId(String accountId) {
      this.accountId = accountId;
      return this;
    }

    /** Which of the service's limits to enforce; none by default. */
    public Builder limits(ServiceLimits limits) {
      this.limits = limits;
      return this;
    }

    /** How long a new stream is CREATING; 0 by default. */
    public Builder createDuration(Duration duration) {
      this.createDuration = duration;
      return this;
    }

    /** How long a stream is DELETING before it is gone; 0 by default. */
    public Builder deleteDuration(Duration duration) {
      this.deleteDuration = duration;
      return this;
    }

    /**
     * How long a stream is UPDATING before its shards, mode or encryption change; 0 by default. Set
     * it to see what clients do in between.
     */
    public Builder reshardDuration(Duration duration) {
      this.reshardDuration = duration;
      return this;
    }

    /** How long a consumer is CREATING, and DELETING; 0 by default. */
    public Builder consumerDuration(Duration duration) {
      this.consumerDuration = duration;
      return this;
    }

    /** How long a subscription lasts; 5 minutes by default, as on the service. */
    public Builder subscriptionLifetime(Duration lifetime) {
      this.subscriptionLifetime = lifetime;
      return this;
    }

    /**
     * After what time without records a subscription pushes an empty event; 5 seconds by default.
     * The service pushes such events, and documents no interval.
     */
    public Builder subscriptionIdleInterval(Duration interval) {
      this.subscriptionIdleInterval = interval;
      return this;
    }

    /**
     * Most bytes (data and keys) kept per shard; 0, the default, for no bound. Beyond it the oldest
     * records are trimmed as if their retention were over: readers that lag so far miss them.
     */
    public Builder maxBytesPerShard(long bytes) {
      this.maxBytesPerShard = bytes;
      return this;
    }

    /** Most open shards of the account, 1 or more; 20,000 by default. */
    public Builder shardLimit(int shards) {
      this.shardLimit = shards;
      return this;
    }

    /**
     * Whether to take every record, count it, and keep nothing; off by default. For benchmarks of
     * producers: the counters tell Kinesis records, user records and bytes.
     */
    public Builder sink(boolean sink) {
      this.sink = sink;
      return this;
    }

    /**
     * Whether a reader at the end of a shard finds its records again, under higher sequence
     * numbers, and so never gets to the tip; off by default. For benchmarks of consumers, which
     * need more records than fit into memory: put them first, then read. Not together with {@link
     * #sink}, nor for streams that are resharded.
     */
    public Builder endless(boolean endless) {
      this.endless = endless;
      return this;
    }

    /**
     * Whether the GetRecords reply that holds a closed shard's last records has a null iterator
     * already; off by default: then one more, empty reply ends the shard. The service documents
     * neither: clients must take both.
     */
    public Builder shardEndWithLastRecords(boolean atOnce) {
      this.shardEndWithLastRecords = atOnce;
      return this;
    }

    /**
     * Whether a PutRecords stores its records in an order of chance; off by default: then in the
     * order of the request. The service promises no order within a PutRecords; switch it on to see
     * what relies on one.
     */
    public Builder unorderedPutRecords(boolean unordered) {
      this.unorderedPutRecords = unordered;
      return this;
    }

    /**
     * Checks and builds.
     *
     * @throws IllegalArgumentException if a setting is out of its range; the message names it
     */
    public CoreSettings build() {
      require(!region.isEmpty(), "region", region, "it must not be empty");
      require(accountId.matches("\\d{12}"), "accountId", accountId, "it must have 12 digits");
      requireDuration("createDuration", createDuration);
      requireDuration("deleteDuration", deleteDuration);
      requireDuration("reshardDuration", reshardDuration);
      requireDuration("consumerDuration", consumerDuration);
      requireDuration("subscriptionLifetime", subscriptionLifetime);
      requireDuration("subscriptionIdleInterval", subscriptionIdleInterval);
      require(
          !subscriptionIdleInterval.isZero(),
          "subscriptionIdleInterval",
          subscriptionIdleInterval,
          "it must be above 0");
      require(maxBytesPerShard >= 0, "maxBytesPerShard", maxBytesPerShard, "it must be 0 or more");
      require(!(endless && sink), "endless", endless, "a sink keeps no records to read");
      require(shardLimit >= 1, "shardLimit", shardLimit, "it must be 1 or more");
      return new CoreSettings(copy());
    }

    private Builder copy() {
      Builder copy = new Builder();
      copy.region = region;
      copy.accountId = accountId;
      copy.limits = limits;
      copy.createDuration = createDuration;
      copy.deleteDuration = deleteDuration;
      copy.reshardDuration = reshardDuration;
      copy.consumerDuration = consumerDuration;
      copy.subscriptionLifetime = subscriptionLifetime;
      copy.subscriptionIdleInterval = subscriptionIdleInterval;
      copy.maxBytesPerShard = maxBytesPerShard;
      copy.shardLimit = shardLimit;
      copy.sink = sink;
      copy.endless = endless;
      copy.shardEndWithLastRecords = shardEndWithLastRecords;
      copy.unorderedPutRecords = unorderedPutRecords;
      return copy;
    }

    private static void requireDuration(String name, Duration value) {
      require(
          !value.isNegative() && value.compareTo(Duration.ofDays(365)) <= 0,
          name,
          value,
          "it must be from 0 to 365 days");
    }

    private static void require(boolean holds, String name, Object value, String rule) {
      if (!holds) {
        throw new IllegalArgumentException(name + " is " + value + ": " + rule);
      }
    }
  }
}
