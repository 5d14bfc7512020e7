package io.millrace.consumer;

import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a {@link StreamConsumer}; every one has a default that suits most applications.
 *
 * <p>Immutable. Built by {@link #builder()} or {@link #fromProperties}.
 */
public final class ConsumerSettings {
  private static final ConsumerSettings DEFAULTS = builder().build();

  private final Builder values;

  private ConsumerSettings(Builder values) {
    this.values = values;
  }

  /** The defaults. */
  public static ConsumerSettings defaults() {
    return DEFAULTS;
  }

  /** A builder with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** A builder with the values of these settings. */
  public Builder toBuilder() {
    return values.copy();
  }

  /**
   * Reads settings from properties named like the builder's methods, after a prefix: {@code
   * millrace.consumer.failoverTime=10s}. A duration is a number with {@code ms}, {@code s}, {@code
   * m} or {@code h}, or in ISO-8601; a size may end with {@code KiB}, {@code MiB} or {@code GiB}.
   *
   * @param properties the properties; those without the prefix are ignored
   * @param prefix what the names begin with, its dot included; may be empty
   * @throws IllegalArgumentException naming the property, its value and the rule; also for an
   *     unknown name
   */
  public static ConsumerSettings fromProperties(Properties properties, String prefix) {
    return SettingsProperties.read(properties, prefix);
  }

  /** See {@link Builder#workerId}. */
  public Optional<String> workerId() {
    return Optional.ofNullable(values.workerId);
  }

  /** See {@link Builder#failoverTime}. */
  public Duration failoverTime() {
    return values.failoverTime;
  }

  /** See {@link Builder#handoffTimeout}. */
  public Duration handoffTimeout() {
    return values.handoffTimeout;
  }

  /** See {@link Builder#heartbeats}. */
  public Heartbeats heartbeats() {
    return values.heartbeats;
  }

  /** See {@link Builder#maxLeases}. */
  public int maxLeases() {
    return values.maxLeases;
  }

  /** See {@link Builder#membershipInterval}. */
  public Duration membershipInterval() {
    return values.membershipInterval;
  }

  /** See {@link Builder#auditInterval}. */
  public Duration auditInterval() {
    return values.auditInterval;
  }

  /** See {@link Builder#parkedRetryInterval}; empty means never. */
  public Optional<Duration> parkedRetryInterval() {
    return Optional.ofNullable(values.parkedRetryInterval);
  }

  /** See {@link Builder#checkpointInterval}. */
  public Duration checkpointInterval() {
    return values.checkpointInterval;
  }

  /** See {@link Builder#checkpointRecords}. */
  public int checkpointRecords() {
    return values.checkpointRecords;
  }

  /** See {@link Builder#checkpointTimeout}. */
  public Duration checkpointTimeout() {
    return values.checkpointTimeout;
  }

  /** See {@link Builder#idlePollInterval}. */
  public Duration idlePollInterval() {
    return values.idlePollInterval;
  }

  /** See {@link Builder#shardReadsPerSecond}. */
  public double shardReadsPerSecond() {
    return values.shardReadsPerSecond;
  }

  /** See {@link Builder#shardReadBytesPerSecond}. */
  public long shardReadBytesPerSecond() {
    return values.shardReadBytesPerSecond;
  }

  /** See {@link Builder#requestTimeout}. */
  public Duration requestTimeout() {
    return values.requestTimeout;
  }

  /** See {@link Builder#fetchMaxRecords}. */
  public int fetchMaxRecords() {
    return values.fetchMaxRecords;
  }

  /** See {@link Builder#concurrentFetches}. */
  public int concurrentFetches() {
    return values.concurrentFetches;
  }

  /** See {@link Builder#bufferBytes}. */
  public long bufferBytes() {
    return values.bufferBytes;
  }

  /** See {@link Builder#maxUnacknowledgedRecords}. */
  public int maxUnacknowledgedRecords() {
    return values.maxUnacknowledgedRecords;
  }

  /** See {@link Builder#batchMaxRecords}. */
  public int batchMaxRecords() {
    return values.batchMaxRecords;
  }

  /** See {@link Builder#batchMaxBytes}. */
  public long batchMaxBytes() {
    return values.batchMaxBytes;
  }

  /** See {@link Builder#handlerTimeout}; empty means no limit. */
  public Optional<Duration> handlerTimeout() {
    return Optional.ofNullable(values.handlerTimeout);
  }

  /** See {@link Builder#stallAfter}. */
  public Duration stallAfter() {
    return values.stallAfter;
  }

  @Override
  public String toString() {
    return "ConsumerSettings" + values.describe();
  }

  /** Which heartbeats show that a worker lives. */
  public enum Heartbeats {
    /**
     * Per worker in a lease table that only Millrace has touched, per lease in one that shows a
     * KCL's hand.
     */
    AUTO,
    /** One row per worker: about a hundredth of the writes; a KCL can't take part. */
    PER_WORKER,
    /** Each lease, as the KCL does: readable by a KCL. */
    PER_LEASE
  }

  /**
   * Builds {@link ConsumerSettings}. Each setter throws {@link IllegalArgumentException} outside
   * its range.
   */
  public static final class Builder {
    private @Nullable String workerId;
    private Duration failoverTime = Duration.ofSeconds(10);
    private Duration handoffTimeout = Duration.ofSeconds(30);
    private Heartbeats heartbeats = Heartbeats.AUTO;
    private int maxLeases = Integer.MAX_VALUE;
    private Duration membershipInterval = Duration.ofMillis(500);
    private Duration auditInterval = Duration.ofSeconds(30);
    private @Nullable Duration parkedRetryInterval;
    private Duration checkpointInterval = Duration.ofSeconds(5);
    private int checkpointRecords = 10_000;
    private Duration checkpointTimeout = Duration.ofSeconds(10);
    private Duration idlePollInterval = Duration.ofMillis(250);
    private double shardReadsPerSecond = 5;
    private long shardReadBytesPerSecond = 2_000_000;
    private Duration requestTimeout = Duration.ofSeconds(10);
    private int fetchMaxRecords = 10_000;
    private int concurrentFetches = 64;
    private long bufferBytes = 64L << 20;
    private int maxUnacknowledgedRecords = 10_000;
    private int batchMaxRecords = 1_000;
    private long batchMaxBytes = 6L << 20;
    private @Nullable Duration handlerTimeout;
    private Duration stallAfter = Duration.ofMinutes(1);

    private Builder() {}

    /**
     * The id of this worker; it must be unique in the fleet at any time. Default: the host name,
     * and random letters, new for each start. Set it to recognise a worker in the lease table; a
     * worker that restarts under the same id resumes its leases without waiting.
     *
     * @param workerId 1 to 128 characters
     */
    public Builder workerId(String workerId) {
      if (workerId.isEmpty() || workerId.length() > 128) {
        throw new IllegalArgumentException(
            "workerId of " + workerId.length() + " characters: must have 1 to 128");
      }
      this.workerId = workerId;
      return this;
    }

    /**
     * How long a silent worker keeps its leases: after a crash its shards stand still for this time
     * and about 2 s. Default 10 s. Shorter: faster fail-over, more writes, and more leases lost to
     * long pauses of the JVM.
     *
     * @param time 2 s to 10 min; the same for all workers of the application
     */
    public Builder failoverTime(Duration time) {
      this.failoverTime =
          Checks.within("failoverTime", time, Duration.ofSeconds(2), Duration.ofMinutes(10));
      return this;
    }

    /**
     * How long a shard may drain when it moves to another worker for balance; then the move is
     * cancelled. Default 30 s.
     *
     * @param timeout 1 s to 1 h
     */
    public Builder handoffTimeout(Duration timeout) {
      this.handoffTimeout =
          Checks.within("handoffTimeout", timeout, Duration.ofSeconds(1), Duration.ofHours(1));
      return this;
    }

    /** Which heartbeats show that a worker lives. Default {@link Heartbeats#AUTO}. */
    public Builder heartbeats(Heartbeats heartbeats) {
      this.heartbeats = heartbeats;
      return this;
    }

    /**
     * The most leases that this worker holds. Default: no limit. With a limit, shards may be left
     * without a worker.
     *
     * @param leases 1 or more
     */
    public Builder maxLeases(int leases) {
      this.maxLeases = Checks.within("maxLeases", leases, 1, Integer.MAX_VALUE);
      return this;
    }

    /**
     * How often the worker rows are read: bounds how long a released lease or a new worker goes
     * unnoticed. Default 500 ms.
     *
     * @param interval 100 ms to 10 s
     */
    public Builder membershipInterval(Duration interval) {
      this.membershipInterval =
          Checks.within(
              "membershipInterval", interval, Duration.ofMillis(100), Duration.ofSeconds(10));
      return this;
    }

    /**
     * How often the fleet reads the whole lease table and looks for holes. Default 30 s.
     *
     * @param interval 5 s to 1 h
     */
    public Builder auditInterval(Duration interval) {
      this.auditInterval =
          Checks.within("auditInterval", interval, Duration.ofSeconds(5), Duration.ofHours(1));
      return this;
    }

    /**
     * After which time a parked shard is tried again by itself. Default: never; an operator resumes
     * it.
     *
     * @param interval 1 s to 7 days
     */
    public Builder parkedRetryInterval(Duration interval) {
      this.parkedRetryInterval =
          Checks.within("parkedRetryInterval", interval, Duration.ofSeconds(1), Duration.ofDays(7));
      return this;
    }

    /**
     * How long an acknowledged record waits at most for a checkpoint. Default 5 s. Shorter: fewer
     * records again after a crash, more writes to the lease table. Not for shard processors, which
     * checkpoint by themselves.
     *
     * @param interval 100 ms to 1 h
     */
    public Builder checkpointInterval(Duration interval) {
      this.checkpointInterval =
          Checks.within(
              "checkpointInterval", interval, Duration.ofMillis(100), Duration.ofHours(1));
      return this;
    }

    /**
     * After how many acknowledged records a shard is checkpointed even before the interval is over,
     * but never more often than once in a second. Default 10,000.
     *
     * @param records 1 or more
     */
    public Builder checkpointRecords(int records) {
      this.checkpointRecords = Checks.within("checkpointRecords", records, 1, Integer.MAX_VALUE);
      return this;
    }

    /**
     * How long the blocking methods of a checkpointer wait for the lease store. Default 10 s.
     *
     * @param timeout 100 ms to 10 min
     */
    public Builder checkpointTimeout(Duration timeout) {
      this.checkpointTimeout =
          Checks.within(
              "checkpointTimeout", timeout, Duration.ofMillis(100), Duration.ofMinutes(10));
      return this;
    }

    /**
     * How often a polled shard is read when there is nothing new: bounds the latency of its next
     * record. Default 250 ms, which leaves a fifth of the 5 calls per second that all consumers of
     * a shard share. Longer where several applications poll the same stream, or to save requests. A
     * shard that is behind is read as fast as the service allows, whatever this is.
     *
     * @param interval 200 ms to 1 min
     */
    public Builder idlePollInterval(Duration interval) {
      this.idlePollInterval =
          Checks.within(
              "idlePollInterval", interval, Duration.ofMillis(200), Duration.ofMinutes(1));
      return this;
    }

    /**
     * How often a shard is polled at most. Default 5, the service's limit for all consumers of a
     * shard together.
     *
     * @param reads 0.1 to 1,000
     */
    public Builder shardReadsPerSecond(double reads) {
      if (!(reads >= 0.1 && reads <= 1_000)) {
        throw new IllegalArgumentException(
            "shardReadsPerSecond " + reads + ": must be 0.1 to 1000");
      }
      this.shardReadsPerSecond = reads;
      return this;
    }

    /**
     * How fast a shard is read by polling at most. Default 2,000,000, the service's limit for all
     * consumers of a shard together.
     *
     * @param bytes 1,000 or more
     */
    public Builder shardReadBytesPerSecond(long bytes) {
      this.shardReadBytesPerSecond =
          Checks.within("shardReadBytesPerSecond", bytes, 1_000, Long.MAX_VALUE);
      return this;
    }

    /**
     * How long one request to Kinesis may take. Default 10 s. Longer on slow networks: an answer
     * may have 10 MB.
     *
     * @param timeout 100 ms to 5 min
     */
    public Builder requestTimeout(Duration timeout) {
      this.requestTimeout =
          Checks.within("requestTimeout", timeout, Duration.ofMillis(100), Duration.ofMinutes(5));
      return this;
    }

    /**
     * The most Kinesis records that one read asks for. Default 10,000, the service's limit. The
     * worker asks for fewer by itself when the byte budget is short.
     *
     * @param records 1 to 10,000
     */
    public Builder fetchMaxRecords(int records) {
      this.fetchMaxRecords = Checks.within("fetchMaxRecords", records, 1, 10_000);
      return this;
    }

    /**
     * The most reads that the worker has in flight at a time. Default 64.
     *
     * @param fetches 1 to 10,000
     */
    public Builder concurrentFetches(int fetches) {
      this.concurrentFetches = Checks.within("concurrentFetches", fetches, 1, 10_000);
      return this;
    }

    /**
     * The byte budget: what the worker holds at most of records that were fetched and are not yet
     * acknowledged, over all its shards. Default 64 MiB. Half of it is shared out evenly, so that
     * slow shards can't starve others; the other half goes to who asks first. One answer of the
     * service may exceed it once, as its size is not known before.
     *
     * @param bytes 1 MiB or more
     */
    public Builder bufferBytes(long bytes) {
      this.bufferBytes = Checks.within("bufferBytes", bytes, 1L << 20, Long.MAX_VALUE);
      return this;
    }

    /**
     * The most user records of one shard that are delivered or passed over by others and not yet
     * acknowledged: bounds how far parallel processing runs ahead of a slow record. Default 10,000.
     *
     * @param records 1 or more
     */
    public Builder maxUnacknowledgedRecords(int records) {
      this.maxUnacknowledgedRecords =
          Checks.within("maxUnacknowledgedRecords", records, 1, Integer.MAX_VALUE);
      return this;
    }

    /**
     * The most user records of one batch. Default 1,000.
     *
     * @param records 1 to 100,000
     */
    public Builder batchMaxRecords(int records) {
      this.batchMaxRecords = Checks.within("batchMaxRecords", records, 1, 100_000);
      return this;
    }

    /**
     * The most payload bytes of one batch; a single larger record is a batch of its own. Default 6
     * MiB.
     *
     * @param bytes 1 or more
     */
    public Builder batchMaxBytes(long bytes) {
      this.batchMaxBytes = Checks.within("batchMaxBytes", bytes, 1, Long.MAX_VALUE);
      return this;
    }

    /**
     * How long one call of the handler may take. When it is over, the call's thread is interrupted,
     * and the call counts as failed when it throws (an asynchronous one fails at once). Default: no
     * limit.
     *
     * @param timeout 10 ms to 24 h
     */
    public Builder handlerTimeout(Duration timeout) {
      this.handlerTimeout =
          Checks.within("handlerTimeout", timeout, Duration.ofMillis(10), Duration.ofHours(24));
      return this;
    }

    /**
     * How long a shard may stand still before it counts as stalled: in health, in the log and in
     * the metric of the watchdog. Default 1 min.
     *
     * @param time 1 s to 24 h
     */
    public Builder stallAfter(Duration time) {
      this.stallAfter =
          Checks.within("stallAfter", time, Duration.ofSeconds(1), Duration.ofHours(24));
      return this;
    }

    /** Builds the settings. */
    public ConsumerSettings build() {
      return new ConsumerSettings(copy());
    }

    private Builder copy() {
      Builder copy = new Builder();
      copy.workerId = workerId;
      copy.failoverTime = failoverTime;
      copy.handoffTimeout = handoffTimeout;
      copy.heartbeats = heartbeats;
      copy.maxLeases = maxLeases;
      copy.membershipInterval = membershipInterval;
      copy.auditInterval = auditInterval;
      copy.parkedRetryInterval = parkedRetryInterval;
      copy.checkpointInterval = checkpointInterval;
      copy.checkpointRecords = checkpointRecords;
      copy.checkpointTimeout = checkpointTimeout;
      copy.idlePollInterval = idlePollInterval;
      copy.shardReadsPerSecond = shardReadsPerSecond;
      copy.shardReadBytesPerSecond = shardReadBytesPerSecond;
      copy.requestTimeout = requestTimeout;
      copy.fetchMaxRecords = fetchMaxRecords;
      copy.concurrentFetches = concurrentFetches;
      copy.bufferBytes = bufferBytes;
      copy.maxUnacknowledgedRecords = maxUnacknowledgedRecords;
      copy.batchMaxRecords = batchMaxRecords;
      copy.batchMaxBytes = batchMaxBytes;
      copy.handlerTimeout = handlerTimeout;
      copy.stallAfter = stallAfter;
      return copy;
    }

    private String describe() {
      return "[workerId="
          + workerId
          + ", failoverTime="
          + failoverTime
          + ", handoffTimeout="
          + handoffTimeout
          + ", heartbeats="
          + heartbeats
          + ", maxLeases="
          + maxLeases
          + ", membershipInterval="
          + membershipInterval
          + ", auditInterval="
          + auditInterval
          + ", parkedRetryInterval="
          + parkedRetryInterval
          + ", checkpointInterval="
          + checkpointInterval
          + ", checkpointRecords="
          + checkpointRecords
          + ", checkpointTimeout="
          + checkpointTimeout
          + ", idlePollInterval="
          + idlePollInterval
          + ", shardReadsPerSecond="
          + shardReadsPerSecond
          + ", shardReadBytesPerSecond="
          + shardReadBytesPerSecond
          + ", requestTimeout="
          + requestTimeout
          + ", fetchMaxRecords="
          + fetchMaxRecords
          + ", concurrentFetches="
          + concurrentFetches
          + ", bufferBytes="
          + bufferBytes
          + ", maxUnacknowledgedRecords="
          + maxUnacknowledgedRecords
          + ", batchMaxRecords="
          + batchMaxRecords
          + ", batchMaxBytes="
          + batchMaxBytes
          + ", handlerTimeout="
          + handlerTimeout
          + ", stallAfter="
          + stallAfter
          + "]";
    }
  }
}
