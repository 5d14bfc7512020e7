package io.millrace.testkit.kinesis.engine;

import io.millrace.testkit.kinesis.model.EncryptionType;
import io.millrace.testkit.kinesis.model.ErrorCode;
import io.millrace.testkit.kinesis.model.KinesisError;
import io.millrace.testkit.kinesis.model.StreamMode;
import io.millrace.testkit.kinesis.model.StreamRef;
import io.millrace.testkit.kinesis.model.StreamStatus;
import io.millrace.testkit.kinesis.settings.CoreSettings;
import io.millrace.testkit.kinesis.settings.EndpointClock;
import io.millrace.testkit.kinesis.store.ConsumerState;
import io.millrace.testkit.kinesis.store.Lineage.Moment;
import io.millrace.testkit.kinesis.store.StreamAttributes;
import io.millrace.testkit.kinesis.store.StreamState;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The account's streams by name and ARN, and what all operations share. Thread-safe. */
public final class Account {
  private static final long MAX_SALT = 9_999_999_999L;
  private static final Pattern STREAM_ARN =
      Pattern.compile("arn:aws[^:]*:kinesis:([^:]*):(\\d{12}):stream/([^/\\s]+)");
  private static final Pattern CONSUMER_ARN =
      Pattern.compile(
          "(arn:aws[^:]*:kinesis:[^:]*:\\d{12}:stream/[^/\\s]+)/consumer/([a-zA-Z0-9_.-]+):(\\d+)");

  private final CoreSettings settings;
  private final EndpointClock clock;
  private final RandomGenerator random;
  private final Tokens tokens;
  private final ConcurrentSkipListMap<String, StreamState> streams = new ConcurrentSkipListMap<>();
  private final Map<Long, StreamState> byIncarnation = new ConcurrentHashMap<>();
  private final AtomicLong incarnations = new AtomicLong();
  private volatile @Nullable ErrorCode kmsError;

  /**
   * An account without streams.
   *
   * @param random the account's alone
   */
  public Account(CoreSettings settings, EndpointClock clock, RandomGenerator random) {
    this.settings = settings;
    this.clock = clock;
    this.random = random;
    this.tokens = new Tokens(random.nextLong(), settings.limits().expiry());
  }

  CoreSettings settings() {
    return settings;
  }

  Tokens tokens() {
    return tokens;
  }

  long nowNanos() {
    return clock.nanoTime();
  }

  long nowMillis() {
    return clock.millis();
  }

  Moment now() {
    return new Moment(clock.millis(), clock.nanoTime());
  }

  /** All streams in order of their names, with everything done that is due. */
  public NavigableMap<String, StreamState> streams() {
    long nowNanos = clock.nanoTime();
    streams.values().forEach(stream -> stream.settle(nowNanos));
    return streams;
  }

  /** Has every use of a KMS key fail; null lets it succeed again. */
  public void failKms(@Nullable ErrorCode error) {
    kmsError = error;
  }

  /** Refuses the use of an encrypted stream while KMS fails. */
  void requireKey(StreamAttributes attributes) {
    ErrorCode error = kmsError;
    if (error != null && attributes.encryption() == EncryptionType.KMS) {
      throw new KinesisError(error, "The use of the stream's KMS key failed.");
    }
  }

  /** Adds a stream that is still without shards. */
  synchronized StreamState add(String name, StreamAttributes attributes) {
    if (streams().containsKey(name)) {
      throw new KinesisError(
          ErrorCode.RESOURCE_IN_USE,
          "Stream " + name + " under account " + settings.accountId() + " already exists.");
    }
    StreamState stream =
        new StreamState(
            new StreamState.Identity(name, arnOf(name), settings),
            incarnations.incrementAndGet(),
            random.nextLong(MAX_SALT + 1),
            attributes,
            now());
    streams.put(name, stream);
    byIncarnation.put(stream.incarnation(), stream);
    return stream;
  }

  /** The numbers from 0 to {@code count - 1} in an order of chance. */
  synchronized int[] shuffled(int count) {
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      int swap = random.nextInt(i + 1);
      order[i] = order[swap];
      order[swap] = i;
    }
    return order;
  }

  /** Removes a stream. */
  void remove(StreamState stream) {
    stream.become(StreamStatus.DELETING);
    streams.remove(stream.name(), stream);
    byIncarnation.remove(stream.incarnation());
  }

  /** The stream of a request, whatever its status. */
  public StreamState stream(StreamRef ref) {
    String name = nameOf(ref);
    StreamState stream = streams.get(name);
    if (stream != null) {
      stream.settle(clock.nanoTime());
      stream = streams.get(name);
    }
    if (stream == null) {
      throw noStream(name);
    }
    return stream;
  }

  /** The stream of a request that takes only ARNs. */
  StreamState streamByArn(String field, @Nullable String arn) {
    return stream(StreamRef.ofArn(Checks.required(field, arn)));
  }

  /**
   * The stream of a request that needs records or shards: being created or deleted, it is not
   * there.
   */
  StreamState readyStream(StreamRef ref) {
    StreamState stream = stream(ref);
    if (!stream.status().isReady()) {
      throw noStream(stream.name());
    }
    return stream;
  }

  /** The stream of a request that is refused while the stream changes. */
  StreamState activeStream(StreamRef ref) {
    StreamState stream = stream(ref);
    requireActive(stream);
    return stream;
  }

  /**
   * Refuses a call while the stream changes; to be repeated under the stream's lock where it
   * matters.
   */
  void requireActive(StreamState stream) {
    StreamStatus status = stream.status();
    if (status != StreamStatus.ACTIVE) {
      throw new KinesisError(
          ErrorCode.RESOURCE_IN_USE,
          "Stream "
              + stream.name()
              + " under account "
              + settings.accountId()
              + " not ACTIVE, instead in state "
              + status);
    }
  }

  /** The stream that a token or iterator came from; not another one of the same name. */
  StreamState streamOf(long incarnation) {
    StreamState stream = byIncarnation.get(incarnation);
    if (stream != null) {
      stream.settle(clock.nanoTime());
      if (stream.status().isReady()) {
        return stream;
      }
    }
    throw new KinesisError(
        ErrorCode.RESOURCE_NOT_FOUND, "The stream does not exist any more under the account.");
  }

  /** The name of the stream that an iterator came from; empty if there is none any more. */
  String nameOf(long incarnation) {
    StreamState stream = byIncarnation.get(incarnation);
    return stream == null ? "" : stream.name();
  }

  /** A consumer by its ARN. */
  ConsumerState consumer(@Nullable String arn) {
    String given = Checks.required("consumerARN", arn);
    Matcher parts = CONSUMER_ARN.matcher(given);
    if (!parts.matches()) {
      throw Checks.validation(
          "consumerARN", given, "Member must satisfy regular expression pattern of consumer ARNs");
    }
    ConsumerState consumer =
        stream(StreamRef.ofArn(parts.group(1))).consumers().get(parts.group(2));
    if (consumer == null || !consumer.arn().equals(given)) {
      throw noConsumer(given);
    }
    return consumer;
  }

  /** Whether text is a consumer's ARN. */
  static boolean isConsumerArn(String arn) {
    return CONSUMER_ARN.matcher(arn).matches();
  }

  /** The name of the stream in a consumer's ARN; empty if it is none. */
  public static String streamInConsumerArn(String arn) {
    Matcher parts = CONSUMER_ARN.matcher(arn);
    return parts.matches() ? parts.group(1).substring(parts.group(1).lastIndexOf('/') + 1) : "";
  }

  KinesisError noConsumer(String shown) {
    return new KinesisError(
        ErrorCode.RESOURCE_NOT_FOUND,
        "Consumer " + shown + " under account " + settings.accountId() + " not found.");
  }

  KinesisError noShard(StreamState stream, String shardId) {
    return new KinesisError(
        ErrorCode.RESOURCE_NOT_FOUND,
        "Could not find shard "
            + shardId
            + " in stream "
            + stream.name()
            + " under account "
            + settings.accountId()
            + ".");
  }

  /** Refuses more open shards than the account may have. */
  void requireShards(int additional) {
    int current =
        streams.values().stream()
            .filter(stream -> stream.attributes().mode() == StreamMode.PROVISIONED)
            .mapToInt(stream -> stream.lineage().open().shards().size())
            .sum();
    if (current + additional > settings.shardLimit()) {
      throw new KinesisError(
          ErrorCode.LIMIT_EXCEEDED,
          "This request would exceed the shard limit for the account "
              + settings.accountId()
              + " in "
              + settings.region()
              + ". Current shard count for the account: "
              + current
              + ". Limit: "
              + settings.shardLimit()
              + ". Number of additional shards that would have resulted from this request: "
              + additional
              + ".");
    }
  }

  /** The name in a request, by either means. */
  public String nameOf(StreamRef ref) {
    if (ref.isEmpty()) {
      throw Checks.invalidArgument("Either StreamName or StreamARN must be given.");
    }
    String byName = ref.name() == null ? null : Checks.name("streamName", ref.name());
    String arn = ref.arn();
    if (arn == null) {
      return Checks.required("streamName", byName);
    }
    String byArn = nameInArn(arn);
    if (byName != null && !byName.equals(byArn)) {
      throw Checks.invalidArgument("StreamName and StreamARN name different streams.");
    }
    return byArn;
  }

  private String nameInArn(String arn) {
    Matcher parts = STREAM_ARN.matcher(arn);
    if (!parts.matches()) {
      throw Checks.validation(
          "streamARN",
          arn,
          "Member must satisfy regular expression pattern:"
              + " arn:aws.*:kinesis:.*:\\d{12}:stream/\\S+");
    }
    if (!parts.group(1).equals(settings.region()) || !parts.group(2).equals(settings.accountId())) {
      throw new KinesisError(ErrorCode.RESOURCE_NOT_FOUND, "Stream " + arn + " not found.");
    }
    return Checks.name("streamARN", parts.group(3));
  }

  private String arnOf(String name) {
    return "arn:aws:kinesis:" + settings.region() + ':' + settings.accountId() + ":stream/" + name;
  }

  private KinesisError noStream(String name) {
    return new KinesisError(
        ErrorCode.RESOURCE_NOT_FOUND,
        "Stream " + name + " under account " + settings.accountId() + " not found.");
  }
}
