package io.millrace.producer.internal.loop;

import io.millrace.producer.KinesisLimits;
import io.millrace.producer.ProducerSettings;
import io.millrace.producer.ProducerSettings.Aggregation;
import io.millrace.producer.ProducerSettings.Distribution;
import io.millrace.producer.ProducerSettings.Ordering;
import io.millrace.producer.internal.route.RefreshSchedule;
import io.millrace.producer.internal.route.ShardMap;
import io.millrace.producer.internal.send.FullJitter;
import io.millrace.producer.internal.send.KinesisPort;
import io.millrace.producer.internal.send.ServiceFailure;
import io.millrace.producer.internal.send.ServiceFailure.Kind;
import io.millrace.producer.internal.send.ShardDescription;
import io.millrace.producer.internal.send.StreamAddress;
import io.millrace.producer.internal.send.StreamSummary;
import io.millrace.producer.internal.settle.FailureText;
import io.millrace.producer.internal.settle.Outcome;
import io.millrace.producer.internal.settle.ReplyJudge;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what is known of a stream fresh: its open shards and its description. Until both are there
 * (or the description is given up for now) there is no view; afterwards there always is one,
 * however many refreshes fail.
 *
 * <p>Confined to the stream's loop.
 */
final class StreamDescriber {
  private static final Logger LOG = LoggerFactory.getLogger("io.millrace.producer.StreamProducer");

  private static final Duration BACKOFF_FIRST = Duration.ofMillis(200);
  private static final Duration BACKOFF_CAP = Duration.ofSeconds(10);

  /** DescribeStreamSummary allows 20 calls per second and account, shared by everybody. */
  private static final long SUMMARY_INTERVAL_NANOS = Duration.ofSeconds(30).toNanos();

  /** After so many failures the records that wait go on without the description. */
  private static final int SUMMARY_PATIENCE = 3;

  private final StreamAddress address;
  private final ProducerSettings settings;
  private final KinesisPort port;
  private final FailureText text;
  private final StreamTrouble trouble;
  private final StreamTrouble summaryTrouble;
  private final ServiceContact contact;
  private final Listener listener;
  private final RefreshSchedule shardsSchedule;
  private final RefreshSchedule summarySchedule;
  private final ControlCall<List<ShardDescription>> shardsCall;
  private final ControlCall<StreamSummary> summaryCall;

  private @Nullable ShardMap map;
  private @Nullable StreamSummary summary;
  private long summaryReadNanos;
  private boolean summaryGivenUp;
  private boolean warned;
  private long shardLoads;

  /** Hears what is found out. */
  interface Listener {
    /** Shards or description were read; they may be the same as before. */
    void described(StreamView view, long nowNanos);

    /** There is no view any more: the stream does not exist. */
    void gone(long nowNanos);

    /** There is no view, and trying again would not help. */
    void undescribable(Outcome.Refused why, long nowNanos);
  }

  StreamDescriber(
      StreamIntake intake,
      KinesisPort port,
      FailureText text,
      ServiceContact contact,
      Inbox inbox,
      RandomGenerator random,
      Listener listener) {
    this.address = intake.address();
    this.settings = intake.settings();
    this.port = port;
    this.text = text;
    this.trouble = new StreamTrouble(text.where());
    this.summaryTrouble = new StreamTrouble(text.where());
    this.contact = contact;
    this.listener = listener;
    long period = settings.streamRefreshInterval().toNanos();
    FullJitter backoff = new FullJitter(BACKOFF_FIRST, BACKOFF_CAP, random);
    this.shardsSchedule =
        new RefreshSchedule(period, KinesisLimits.LIST_SHARDS_INTERVAL.toNanos(), backoff, random);
    this.summarySchedule =
        new RefreshSchedule(period, KinesisLimits.LIST_SHARDS_INTERVAL.toNanos(), backoff, random);
    long timeout = settings.requestTimeout().toNanos();
    this.shardsCall = new ControlCall<>(inbox, timeout, this::shardsEnded);
    this.summaryCall = new ControlCall<>(inbox, timeout, this::summaryEnded);
  }

  /** Something hints that shards, or who chooses them, have changed; or nothing is known yet. */
  void want(long nowNanos) {
    shardsSchedule.want(nowNanos);
    if (summary == null || nowNanos - summaryReadNanos >= SUMMARY_INTERVAL_NANOS) {
      summarySchedule.want(nowNanos);
    }
  }

  /**
   * The stream is gone, so what is known of it may be wrong even if it comes back: shards of a
   * stream that is made anew have the old names and other ranges. It is read as if for the first
   * time.
   */
  void forget(long nowNanos) {
    map = null;
    summary = null;
    summaryGivenUp = false;
    want(nowNanos);
    listener.gone(nowNanos);
  }

  /** What keeps this from being up to date. */
  StreamTrouble trouble() {
    return trouble;
  }

  /** What keeps it unknown who chooses the shard of a record. Thread-safe. */
  StreamTrouble summaryTrouble() {
    return summaryTrouble;
  }

  /** Successful readings of the shards so far. */
  long shardLoads() {
    return shardLoads;
  }

  /** Whether nothing is known and nobody is about to find out. */
  boolean isIdleWithoutView() {
    return map == null && shardsSchedule.isIdle();
  }

  /** Starts what is due, gives up what takes too long. Returns nanoseconds until there is more. */
  long tick(long nowNanos) {
    shardsCall.tick(nowNanos);
    summaryCall.tick(nowNanos);
    if (shardsSchedule.isDue(nowNanos)) {
      shardsSchedule.started();
      shardsCall.start(port.listShards(address), nowNanos);
    }
    if (summarySchedule.isDue(nowNanos)) {
      summarySchedule.started();
      summaryCall.start(port.describeStreamSummary(address), nowNanos);
    }
    return Math.min(
        Math.min(shardsSchedule.nanosUntilDue(nowNanos), summarySchedule.nanosUntilDue(nowNanos)),
        Math.min(shardsCall.nanosUntilTimeout(nowNanos), summaryCall.nanosUntilTimeout(nowNanos)));
  }

  /** Gives up what is under way. */
  void cancel() {
    shardsCall.cancel();
    summaryCall.cancel();
  }

  private void shardsEnded(
      @Nullable List<ShardDescription> shards, @Nullable ServiceFailure failure, long nowNanos) {
    if (shards == null) {
      shardsFailed(failure == null ? noAnswer() : failure, nowNanos);
      return;
    }
    ShardMap read;
    try {
      read = ShardMap.of(shards);
    } catch (IllegalArgumentException e) {
      shardsFailed(
          ServiceFailure.of(
              Kind.UNAVAILABLE, "IncompleteShardMap", String.valueOf(e.getMessage()), null),
          nowNanos);
      return;
    }
    contact.accepted();
    trouble.succeeded(nowNanos);
    shardsSchedule.succeeded(nowNanos);
    if (map == null || !map.sameShards(read)) {
      LOG.info("{}: {} open shards", text.where(), read.size());
      map = read;
    }
    shardLoads++;
    tell(nowNanos);
  }

  private void shardsFailed(ServiceFailure failure, long nowNanos) {
    Outcome outcome = ReplyJudge.judge(failure, contact.wasAccepted());
    if (map == null && outcome instanceof Outcome.Refused refused) {
      shardsSchedule.refused(nowNanos);
      listener.undescribable(refused, nowNanos);
      return;
    }
    shardsSchedule.failed(nowNanos);
    trouble.failed(failure.code(), "ListShards: " + failure.message(), false, nowNanos);
  }

  private void summaryEnded(
      @Nullable StreamSummary read, @Nullable ServiceFailure failure, long nowNanos) {
    if (read != null) {
      contact.accepted();
      summarySchedule.succeeded(nowNanos);
      summaryTrouble.succeeded(nowNanos);
      warnOfLostOrder(read);
      summary = read;
      summaryReadNanos = nowNanos;
      warned = false;
      tell(nowNanos);
      return;
    }
    ServiceFailure why = failure == null ? noAnswer() : failure;
    if (summary == null) {
      summaryTrouble.note(why.code(), "DescribeStreamSummary: " + why.message(), nowNanos);
    }
    boolean denied = why.kind() == Kind.ACCESS_DENIED || why.kind() == Kind.INVALID_REQUEST;
    if (denied) {
      // An answer, if not a welcome one: permissions rarely change within seconds.
      summarySchedule.succeeded(nowNanos);
    } else if (why.kind().isRetriable() || map != null) {
      summarySchedule.failed(nowNanos);
    } else {
      // Whatever it is, ListShards meets it too, and tells those who wait.
      summarySchedule.refused(nowNanos);
    }
    if (summary == null && (denied || summarySchedule.failures() >= SUMMARY_PATIENCE)) {
      warnOfUnknownDistribution(why);
      if (!summaryGivenUp) {
        summaryGivenUp = true;
        tell(nowNanos);
      }
    }
  }

  private void warnOfLostOrder(StreamSummary read) {
    boolean news = summary == null || summary.distribution() != read.distribution();
    if (news
        && read.distribution() == Distribution.AUTO
        && settings.ordering() == Ordering.PER_KEY) {
      LOG.warn(
          "{}: ordering is PER_KEY, but the service spreads this stream's records over all shards"
              + " (record distribution strategy AUTO): there is no order to keep",
          text.where());
    }
  }

  private void warnOfUnknownDistribution(ServiceFailure why) {
    if (!warned && settings.aggregation() == Aggregation.KPL) {
      warned = true;
      LOG.warn(
          "{}: DescribeStreamSummary fails with {} ({}), so it is not known who chooses the shard"
              + " of a record; {} is assumed, {}. {}",
          text.where(),
          why.code(),
          why.message(),
          settings.distributionIfUnknown(),
          switch (settings.distributionIfUnknown()) {
            case AUTO -> "so nothing is aggregated";
            case USER_PARTITION_KEY ->
                "and records are aggregated, which consumers drop if it is wrong";
          },
          why.kind() == Kind.ACCESS_DENIED
              ? "Allow kinesis:DescribeStreamSummary, or set distributionIfUnknown"
              : "It is asked again");
    }
  }

  private void tell(long nowNanos) {
    ShardMap shards = map;
    StreamSummary known = summary;
    if (shards == null) {
      return;
    }
    if (known != null) {
      listener.described(
          new StreamView(shards, known.distribution(), true, known.maxRecordBytes()), nowNanos);
    } else if (summaryGivenUp) {
      listener.described(
          new StreamView(
              shards, settings.distributionIfUnknown(), false, KinesisLimits.RECORD_MAX_BYTES),
          nowNanos);
    }
  }

  private static ServiceFailure noAnswer() {
    return ServiceFailure.of(Kind.UNKNOWN, "NoResponse", "the call ended without an answer", null);
  }
}
