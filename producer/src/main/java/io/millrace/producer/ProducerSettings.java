package io.millrace.producer;

import java.time.Duration;
import java.util.Objects;
import java.util.Properties;

/**
 * How a producer buffers, batches, limits and retries.
 *
 * <p>Immutable. Each value can be overridden per stream ({@link
 * StreamProducer.Builder#settingsFor}), except {@link #bufferBytes()}, {@link #maxBlock()} and
 * {@link #meterLevel()}, which belong to the producer as a whole.
 */
public final class ProducerSettings {
  /** A record of an unchanged stream less the longest key: 256 characters of 4 bytes each. */
  private static final int AGGREGATE_MAX_BYTES =
      KinesisLimits.RECORD_DEFAULT_MAX_BYTES - 4 * KinesisLimits.PARTITION_KEY_MAX_CHARACTERS;

  private static final ProducerSettings DEFAULTS = new Builder().build();

  private final Duration linger;
  private final Duration maxBlock;
  private final Duration deliveryTimeout;
  private final Duration requestTimeout;
  private final Duration streamRefreshInterval;
  private final long bufferBytes;
  private final int aggregateMaxBytes;
  private final int aggregateMaxRecords;
  private final int requestMaxBytes;
  private final int requestMaxRecords;
  private final int requestsInFlight;
  private final double shardRate;
  private final Aggregation aggregation;
  private final Ordering ordering;
  private final WhenShardFull whenShardFull;
  private final ContainerKey containerKey;
  private final Distribution distributionIfUnknown;
  private final boolean failWhenThrottled;
  private final boolean headersOptional;
  private final MeterLevel meterLevel;

  private ProducerSettings(Builder from) {
    linger = from.linger;
    maxBlock = from.maxBlock;
    deliveryTimeout = from.deliveryTimeout;
    requestTimeout = from.requestTimeout;
    streamRefreshInterval = from.streamRefreshInterval;
    bufferBytes = from.bufferBytes;
    aggregateMaxBytes = from.aggregateMaxBytes;
    aggregateMaxRecords = from.aggregateMaxRecords;
    requestMaxBytes = from.requestMaxBytes;
    requestMaxRecords = from.requestMaxRecords;
    requestsInFlight = from.requestsInFlight;
    shardRate = from.shardRate;
    aggregation = from.aggregation;
    ordering = from.ordering;
    whenShardFull = from.whenShardFull;
    containerKey = from.containerKey;
    distributionIfUnknown = from.distributionIfUnknown;
    failWhenThrottled = from.failWhenThrottled;
    headersOptional = from.headersOptional;
    meterLevel = from.meterLevel;
  }

  /** Every setting at its default. */
  public static ProducerSettings defaults() {
    return DEFAULTS;
  }

  /** Starts from the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Reads settings from properties named like the setters, e.g. {@code
   * millrace.producer.linger=PT0.05S} with the prefix {@code millrace.producer.}. Durations are
   * written as ISO-8601 ({@code PT5S}) or with a unit ({@code 50ms}, {@code 5s}, {@code 2m}), sizes
   * as bytes, enums by name.
   *
   * @param prefix of the properties to read, its last dot included; properties without it are
   *     ignored
   * @throws IllegalArgumentException if a property with the prefix names no setting or has an
   *     invalid value; the message names property, value and rule
   */
  public static ProducerSettings fromProperties(Properties properties, String prefix) {
    return SettingsReader.read(properties, prefix);
  }

  /**
   * Reads a configuration file of the Amazon Kinesis Producer Library (1.1.1), as its {@code
   * fromPropertiesFile} takes it, and tells each point in which the producer will behave otherwise.
   *
   * @param properties named as in the KPL's files, e.g. {@code RecordMaxBufferedTime}; the first
   *     letter's case does not matter
   * @throws IllegalArgumentException if a value is one that the KPL refuses, too; the message names
   *     property, value and rule
   */
  public static KplSettings fromKplProperties(Properties properties) {
    return KplReader.read(properties);
  }

  /** Starts from these settings. */
  public Builder toBuilder() {
    Builder builder = new Builder();
    builder.linger = linger;
    builder.maxBlock = maxBlock;
    builder.deliveryTimeout = deliveryTimeout;
    builder.requestTimeout = requestTimeout;
    builder.streamRefreshInterval = streamRefreshInterval;
    builder.bufferBytes = bufferBytes;
    builder.aggregateMaxBytes = aggregateMaxBytes;
    builder.aggregateMaxRecords = aggregateMaxRecords;
    builder.requestMaxBytes = requestMaxBytes;
    builder.requestMaxRecords = requestMaxRecords;
    builder.requestsInFlight = requestsInFlight;
    builder.shardRate = shardRate;
    builder.aggregation = aggregation;
    builder.ordering = ordering;
    builder.whenShardFull = whenShardFull;
    builder.containerKey = containerKey;
    builder.distributionIfUnknown = distributionIfUnknown;
    builder.failWhenThrottled = failWhenThrottled;
    builder.headersOptional = headersOptional;
    builder.meterLevel = meterLevel;
    return builder;
  }

  /** See {@link Builder#linger}. */
  public Duration linger() {
    return linger;
  }

  /** See {@link Builder#maxBlock}. */
  public Duration maxBlock() {
    return maxBlock;
  }

  /** See {@link Builder#deliveryTimeout}. */
  public Duration deliveryTimeout() {
    return deliveryTimeout;
  }

  /** See {@link Builder#requestTimeout}. */
  public Duration requestTimeout() {
    return requestTimeout;
  }

  /** See {@link Builder#streamRefreshInterval}. */
  public Duration streamRefreshInterval() {
    return streamRefreshInterval;
  }

  /** See {@link Builder#bufferBytes}. */
  public long bufferBytes() {
    return bufferBytes;
  }

  /** See {@link Builder#aggregateMaxBytes}. */
  public int aggregateMaxBytes() {
    return aggregateMaxBytes;
  }

  /** See {@link Builder#aggregateMaxRecords}. */
  public int aggregateMaxRecords() {
    return aggregateMaxRecords;
  }

  /** See {@link Builder#requestMaxBytes}. */
  public int requestMaxBytes() {
    return requestMaxBytes;
  }

  /** See {@link Builder#requestMaxRecords}. */
  public int requestMaxRecords() {
    return requestMaxRecords;
  }

  /** See {@link Builder#requestsInFlight}. */
  public int requestsInFlight() {
    return requestsInFlight;
  }

  /** See {@link Builder#shardRate}. */
  public double shardRate() {
    return shardRate;
  }

  /** See {@link Builder#aggregation}. */
  public Aggregation aggregation() {
    return aggregation;
  }

  /** See {@link Builder#ordering}. */
  public Ordering ordering() {
    return ordering;
  }

  /** See {@link Builder#whenShardFull}. */
  public WhenShardFull whenShardFull() {
    return whenShardFull;
  }

  /** See {@link Builder#containerKey}. */
  public ContainerKey containerKey() {
    return containerKey;
  }

  /** See {@link Builder#distributionIfUnknown}. */
  public Distribution distributionIfUnknown() {
    return distributionIfUnknown;
  }

  /** See {@link Builder#failWhenThrottled}. */
  public boolean failWhenThrottled() {
    return failWhenThrottled;
  }

  /** See {@link Builder#headersOptional}. */
  public boolean headersOptional() {
    return headersOptional;
  }

  /** See {@link Builder#meterLevel}. */
  public MeterLevel meterLevel() {
    return meterLevel;
  }

  @Override
  public String toString() {
    return "ProducerSettings[linger="
        + linger
        + ", maxBlock="
        + maxBlock
        + ", deliveryTimeout="
        + deliveryTimeout
        + ", requestTimeout="
        + requestTimeout
        + ", streamRefreshInterval="
        + streamRefreshInterval
        + ", bufferBytes="
        + bufferBytes
        + ", aggregateMaxBytes="
        + aggregateMaxBytes
        + ", aggregateMaxRecords="
        + aggregateMaxRecords
        + ", requestMaxBytes="
        + requestMaxBytes
        + ", requestMaxRecords="
        + requestMaxRecords
        + ", requestsInFlight="
        + requestsInFlight
        + ", shardRate="
        + shardRate
        + ", aggregation="
        + aggregation
        + ", ordering="
        + ordering
        + ", whenShardFull="
        + whenShardFull
        + ", containerKey="
        + containerKey
        + ", distributionIfUnknown="
        + distributionIfUnknown
        + ", failWhenThrottled="
        + failWhenThrottled
        + ", headersOptional="
        + headersOptional
        + ", meterLevel="
        + meterLevel
        + "]";
  }

  /** Whether user records are packed into aggregated records. */
  public enum Aggregation {
    /** The KPL's format, which KCL and the aggregation libraries read. */
    KPL,
    /** Each user record is a Kinesis record of its own. */
    OFF
  }

  /** What order records are stored in. */
  public enum Ordering {
    /** None: requests overlap, and a retried record may land behind later ones. */
    NONE,
    /**
     * Records of one key in the order in which their puts returned, across retries, throttles and
     * reshards. One entry per shard is in flight at a time, so a shard takes one aggregate per
     * round trip. A request whose answer is lost may store records twice; the duplicates keep their
     * order among themselves. A record that fails for good is left out: those behind it are stored
     * nevertheless. On a stream whose records the service distributes ({@link Distribution#AUTO})
     * there is no order to keep, and the log says so.
     */
    PER_KEY
  }

  /** What a put does when its shard has used up its share of the budget. */
  public enum WhenShardFull {
    /**
     * It waits like for the budget; a caller that serves many shards from one thread is stalled by
     * the hot one.
     */
    WAIT,
    /** It fails at once with {@link PutFailure#NO_ROOM}; puts to other shards go on. */
    FAIL
  }

  /**
   * The partition key of an aggregated record. Its explicit hash key, not this key, chooses the
   * shard.
   */
  public enum ContainerKey {
    /** The letter {@code a}, as the KPL does. */
    CONSTANT,
    /**
     * The key of the first member: readers that spread work by key (e.g. Lambda) spread aggregates.
     */
    FIRST_MEMBER,
    /** A fresh key for each aggregate: spreads evenly, keeps no key's aggregates together. */
    UNIQUE
  }

  /**
   * Who chooses the shard of a record: a property of the stream ({@code
   * RecordDistributionStrategy}).
   */
  public enum Distribution {
    /** The record's key. */
    USER_PARTITION_KEY,
    /** The service; readers would drop aggregates, so nothing is aggregated. */
    AUTO
  }

  /** How finely meters are told apart, and so how many there are. */
  public enum MeterLevel {
    /** One set for the producer: no tags but codes and reasons. */
    PRODUCER,
    /** One set per stream: the tag {@code stream}. */
    STREAM,
    /**
     * As {@link #STREAM}, and what concerns Kinesis records is told apart by the tag {@code shard},
     * too: about 15 meters per shard. Those of shards that are closed go.
     */
    SHARD
  }

  /** Builds settings. Not thread-safe. */
  public static final class Builder {
    private Duration linger = Duration.ofMillis(20);
    private Duration maxBlock = Duration.ofSeconds(60);
    private Duration deliveryTimeout = Duration.ofMinutes(2);
    private Duration requestTimeout = Duration.ofSeconds(10);
    private Duration streamRefreshInterval = Duration.ofMinutes(5);
    private long bufferBytes = 64L << 20;
    private int aggregateMaxBytes = 51_200;
    private int aggregateMaxRecords = Integer.MAX_VALUE;
    private int requestMaxBytes = 1 << 20;
    private int requestMaxRecords = 500;
    private int requestsInFlight = 8;
    private double shardRate = 1.0;
    private Aggregation aggregation = Aggregation.KPL;
    private Ordering ordering = Ordering.NONE;
    private WhenShardFull whenShardFull = WhenShardFull.WAIT;
    private ContainerKey containerKey = ContainerKey.CONSTANT;
    private Distribution distributionIfUnknown = Distribution.AUTO;
    private boolean failWhenThrottled;
    private boolean headersOptional;
    private MeterLevel meterLevel = MeterLevel.STREAM;

    private Builder() {}

    /**
     * How long a record may wait for others to share its aggregate and request. Zero: it leaves at
     * once when nothing is in flight for its stream, and batches grow by themselves under load.
     * Raise it for larger aggregates (fewer PUT payload units) where latency does not matter.
     * Default 20 ms, range 0 to 1 h.
     */
    public Builder linger(Duration linger) {
      this.linger = Objects.requireNonNull(linger, "linger");
      return this;
    }

    /**
     * How long {@code put} waits for room; zero: it fails at once with {@link PutFailure#NO_ROOM}.
     * Default 60 s, range 0 to 1 day. A setting of the whole producer.
     */
    public Builder maxBlock(Duration maxBlock) {
      this.maxBlock = Objects.requireNonNull(maxBlock, "maxBlock");
      return this;
    }

    /**
     * From the put to the latest outcome: a record not stored by then fails with {@link
     * PutFailure#EXPIRED}, though a request in flight is waited for up to {@link #requestTimeout}.
     * Default 2 min, range 100 ms to 1 day; not below the linger.
     */
    public Builder deliveryTimeout(Duration deliveryTimeout) {
      this.deliveryTimeout = Objects.requireNonNull(deliveryTimeout, "deliveryTimeout");
      return this;
    }

    /**
     * How long one request may take; then its outcome is unknown and it is sent again, possibly
     * storing its records twice. Default 10 s, range 100 ms to 10 min.
     */
    public Builder requestTimeout(Duration requestTimeout) {
      this.requestTimeout = Objects.requireNonNull(requestTimeout, "requestTimeout");
      return this;
    }

    /**
     * How often a stream's shards and description are read again though nothing hints at a change;
     * a misplaced record triggers it too. Default 5 min, range 1 s to 1 day.
     */
    public Builder streamRefreshInterval(Duration streamRefreshInterval) {
      this.streamRefreshInterval =
          Objects.requireNonNull(streamRefreshInterval, "streamRefreshInterval");
      return this;
    }

    /**
     * The budget for everything accepted and not settled, in buffer bytes held plus overhead per
     * record. One shard may use at most what is left free, so a hot shard takes at most half.
     * Beside it come what the SDK copies of requests, and up to an eighth of this in empty chunks
     * that are kept to be used again. Default 64 MiB, range 1 MiB to 1 TiB. A setting of the whole
     * producer.
     */
    public Builder bufferBytes(long bufferBytes) {
      this.bufferBytes = bufferBytes;
      return this;
    }

    /**
     * Size at which an aggregate is closed, all format overhead included; a larger user record goes
     * alone. Default 51,200, range 64 to 1,047,552: with the longest partition key that is the most
     * that every stream takes.
     */
    public Builder aggregateMaxBytes(int aggregateMaxBytes) {
      this.aggregateMaxBytes = aggregateMaxBytes;
      return this;
    }

    /**
     * Count of user records at which an aggregate is closed. Default: no limit but the size; at
     * least 1.
     */
    public Builder aggregateMaxRecords(int aggregateMaxRecords) {
      this.aggregateMaxRecords = aggregateMaxRecords;
      return this;
    }

    /**
     * Bytes of one PutRecords request, keys included; a larger single record goes alone. Default 1
     * MiB, range 64 KiB to 10 MiB.
     */
    public Builder requestMaxBytes(int requestMaxBytes) {
      this.requestMaxBytes = requestMaxBytes;
      return this;
    }

    /** Kinesis records of one PutRecords request. Default 500, range 1 to 500. */
    public Builder requestMaxRecords(int requestMaxRecords) {
      this.requestMaxRecords = requestMaxRecords;
      return this;
    }

    /** Requests in flight per stream. Default 8, range 1 to 256. */
    public Builder requestsInFlight(int requestsInFlight) {
      this.requestsInFlight = requestsInFlight;
      return this;
    }

    /**
     * The most this producer sends to one shard, as a multiple of the service's limit (1,000
     * records/s and 1 MiB/s). Below it the rate adapts: cut on throttles, grown again without them,
     * so that several producers share a shard. Lower it to leave room for others, raise it where
     * the endpoint allows more. Default 1.0, range 0.01 to 1,000,000.
     */
    public Builder shardRate(double shardRate) {
      this.shardRate = shardRate;
      return this;
    }

    /** Whether user records are aggregated. Default {@link Aggregation#KPL}. */
    public Builder aggregation(Aggregation aggregation) {
      this.aggregation = Objects.requireNonNull(aggregation, "aggregation");
      return this;
    }

    /** What order records are stored in. Default {@link Ordering#NONE}. */
    public Builder ordering(Ordering ordering) {
      this.ordering = Objects.requireNonNull(ordering, "ordering");
      return this;
    }

    /** What a put does when its shard has used up its share. Default {@link WhenShardFull#WAIT}. */
    public Builder whenShardFull(WhenShardFull whenShardFull) {
      this.whenShardFull = Objects.requireNonNull(whenShardFull, "whenShardFull");
      return this;
    }

    /** The partition key of aggregates. Default {@link ContainerKey#CONSTANT}. */
    public Builder containerKey(ContainerKey containerKey) {
      this.containerKey = Objects.requireNonNull(containerKey, "containerKey");
      return this;
    }

    /**
     * What is assumed while DescribeStreamSummary is denied or fails. Default {@link
     * Distribution#AUTO}: nothing is aggregated, which is safe on every stream. Set {@link
     * Distribution#USER_PARTITION_KEY} only if you know the stream and can't grant {@code
     * kinesis:DescribeStreamSummary}: consumers drop aggregates on an AUTO stream.
     */
    public Builder distributionIfUnknown(Distribution distributionIfUnknown) {
      this.distributionIfUnknown =
          Objects.requireNonNull(distributionIfUnknown, "distributionIfUnknown");
      return this;
    }

    /**
     * Fails throttled records with {@link PutFailure#THROTTLED} instead of retrying them. Default
     * false.
     */
    public Builder failWhenThrottled(boolean failWhenThrottled) {
      this.failWhenThrottled = failWhenThrottled;
      return this;
    }

    /**
     * Whether headers are dropped (and counted) where aggregation is off or forbidden; otherwise a
     * put with headers is refused there. Default false.
     */
    public Builder headersOptional(boolean headersOptional) {
      this.headersOptional = headersOptional;
      return this;
    }

    /**
     * How finely meters are told apart, where there is a registry ({@link
     * StreamProducer.Builder#meterRegistry}). Default {@link MeterLevel#STREAM}. A setting of the
     * whole producer; producers that share a registry should have the same.
     */
    public Builder meterLevel(MeterLevel meterLevel) {
      this.meterLevel = Objects.requireNonNull(meterLevel, "meterLevel");
      return this;
    }

    /**
     * Checks and builds.
     *
     * @throws IllegalArgumentException if a value is out of its range or contradicts another; the
     *     message names setting, value and rule
     */
    public ProducerSettings build() {
      range("linger", linger, Duration.ZERO, Duration.ofHours(1));
      range("maxBlock", maxBlock, Duration.ZERO, Duration.ofDays(1));
      range("deliveryTimeout", deliveryTimeout, Duration.ofMillis(100), Duration.ofDays(1));
      range("requestTimeout", requestTimeout, Duration.ofMillis(100), Duration.ofMinutes(10));
      range(
          "streamRefreshInterval",
          streamRefreshInterval,
          Duration.ofSeconds(1),
          Duration.ofDays(1));
      range("bufferBytes", bufferBytes, 1L << 20, 1L << 40);
      range("aggregateMaxBytes", aggregateMaxBytes, 64, AGGREGATE_MAX_BYTES);
      range("aggregateMaxRecords", aggregateMaxRecords, 1, Integer.MAX_VALUE);
      range("requestMaxBytes", requestMaxBytes, 64 << 10, 10 << 20);
      range("requestMaxRecords", requestMaxRecords, 1, 500);
      range("requestsInFlight", requestsInFlight, 1, 256);
      if (!(shardRate >= 0.01 && shardRate <= 1_000_000)) {
        throw new IllegalArgumentException(
            "shardRate is " + shardRate + ": it must be from 0.01 to 1,000,000");
      }
      if (deliveryTimeout.compareTo(linger) < 0) {
        throw new IllegalArgumentException(
            "deliveryTimeout is "
                + deliveryTimeout
                + " and linger is "
                + linger
                + ": deliveryTimeout must not be shorter than linger");
      }
      return new ProducerSettings(this);
    }

    private static void range(String setting, Duration value, Duration min, Duration max) {
      if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
        throw new IllegalArgumentException(
            setting + " is " + value + ": it must be from " + min + " to " + max);
      }
    }

    private static void range(String setting, long value, long min, long max) {
      if (value < min || value > max) {
        throw new IllegalArgumentException(
            setting + " is " + value + ": it must be from " + min + " to " + max);
      }
    }
  }
}
