package io.millrace.testkit.kinesis.settings;

/**
 * Which of the service's limits the endpoint enforces. Immutable. Sizes of requests and records are
 * always enforced, what is here only on request: a zero switches a rate off.
 *
 * @param shardRecordsPerSecond records written per shard; the service allows 1,000
 * @param shardBytesPerSecond bytes written per shard, keys included; the service allows 1 MiB. A
 *     larger record is taken when the allowance is full, and its excess has to be made up for
 *     before the next write
 * @param getRecordsPerSecond GetRecords calls per shard; the service allows 5
 * @param readBytesPerSecond bytes that GetRecords reads per shard; the service allows 2 MB, and a
 *     reply of 10 MB makes the calls of the next 5 seconds fail
 * @param fanOutBytesPerSecond bytes pushed per shard and consumer; the service allows 2 MB
 * @param controlRates whether control calls have the service's rates, such as 20
 *     DescribeStreamSummary a second
 * @param expiry whether shard iterators and pagination tokens expire after 300 seconds
 * @param retention whether records are trimmed after the stream's retention period
 */
public record ServiceLimits(
    long shardRecordsPerSecond,
    long shardBytesPerSecond,
    long getRecordsPerSecond,
    long readBytesPerSecond,
    long fanOutBytesPerSecond,
    boolean controlRates,
    boolean expiry,
    boolean retention) {
  /** Nothing is enforced; the default. */
  public static final ServiceLimits NONE = new ServiceLimits(0, 0, 0, 0, 0, false, false, false);

  /** Everything is enforced with the service's numbers, from its page of quotas and limits. */
  public static final ServiceLimits SERVICE =
      new ServiceLimits(1_000, 1 << 20, 5, 2_000_000, 2_000_000, true, true, true);

  /**
   * Checks the rates.
   *
   * @throws IllegalArgumentException if a rate is negative or above a billion
   */
  public ServiceLimits {
    requireRate("shardRecordsPerSecond", shardRecordsPerSecond);
    requireRate("shardBytesPerSecond", shardBytesPerSecond);
    requireRate("getRecordsPerSecond", getRecordsPerSecond);
    requireRate("readBytesPerSecond", readBytesPerSecond);
    requireRate("fanOutBytesPerSecond", fanOutBytesPerSecond);
  }

  /** The same with other write rates per shard; 0 for none. */
  public ServiceLimits withWrites(long recordsPerSecond, long bytesPerSecond) {
    return new ServiceLimits(
        recordsPerSecond,
        bytesPerSecond,
        getRecordsPerSecond,
        readBytesPerSecond,
        fanOutBytesPerSecond,
        controlRates,
        expiry,
        retention);
  }

  /** The same with other rates of GetRecords per shard; 0 for none. */
  public ServiceLimits withReads(long callsPerSecond, long bytesPerSecond) {
    return new ServiceLimits(
        shardRecordsPerSecond,
        shardBytesPerSecond,
        callsPerSecond,
        bytesPerSecond,
        fanOutBytesPerSecond,
        controlRates,
        expiry,
        retention);
  }

  /** The same with another rate of fan-out per shard and consumer; 0 for none. */
  public ServiceLimits withFanOut(long bytesPerSecond) {
    return new ServiceLimits(
        shardRecordsPerSecond,
        shardBytesPerSecond,
        getRecordsPerSecond,
        readBytesPerSecond,
        bytesPerSecond,
        controlRates,
        expiry,
        retention);
  }

  /** The same with or without rates of control calls. */
  public ServiceLimits withControlRates(boolean enforced) {
    return new ServiceLimits(
        shardRecordsPerSecond,
        shardBytesPerSecond,
        getRecordsPerSecond,
        readBytesPerSecond,
        fanOutBytesPerSecond,
        enforced,
        expiry,
        retention);
  }

  /** The same with or without expiry of iterators and tokens. */
  public ServiceLimits withExpiry(boolean enforced) {
    return new ServiceLimits(
        shardRecordsPerSecond,
        shardBytesPerSecond,
        getRecordsPerSecond,
        readBytesPerSecond,
        fanOutBytesPerSecond,
        controlRates,
        enforced,
        retention);
  }

  /** The same with or without trimming by retention. */
  public ServiceLimits withRetention(boolean enforced) {
    return new ServiceLimits(
        shardRecordsPerSecond,
        shardBytesPerSecond,
        getRecordsPerSecond,
        readBytesPerSecond,
        fanOutBytesPerSecond,
        controlRates,
        expiry,
        enforced);
  }

  private static void requireRate(String name, long rate) {
    if (rate < 0 || rate > 1_000_000_000) {
      throw new IllegalArgumentException(
          name + " is " + rate + ": it must be from 0 (off) to 1000000000");
    }
  }
}
