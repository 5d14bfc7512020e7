package io.millrace.consumer.internal.testing;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.consumer.ConsumerSettings;
import io.millrace.consumer.Fetching;
import io.millrace.consumer.KeyOrder;
import io.millrace.consumer.failure.FailurePolicy;
import io.millrace.consumer.handler.RecordHandler;
import io.millrace.consumer.internal.checkpoint.Ahead;
import io.millrace.consumer.internal.fetch.LoopInbox;
import io.millrace.consumer.internal.process.ApplicationHooks;
import io.millrace.consumer.internal.process.Excerpt;
import io.millrace.consumer.internal.process.Processing;
import io.millrace.consumer.internal.process.UserCode;
import io.millrace.consumer.internal.shard.DataPath;
import io.millrace.consumer.internal.shard.LeasedShard;
import io.millrace.consumer.internal.shard.ShardConsumer;
import io.millrace.consumer.internal.shard.ShardConsumers;
import io.millrace.consumer.lease.Checkpoint;
import io.millrace.consumer.lease.FencingToken;
import io.millrace.consumer.lease.StreamIdentity;
import io.millrace.model.HashRange;
import io.millrace.model.Position;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;

/**
 * A worker loop on virtual time around the real data path: ticks who was woken or is due, and lets
 * handler threads run.
 */
public final class Worker {
  /** The time. */
  public final VirtualTime time = new VirtualTime();

  /** The handler threads. */
  public final ManualThreads threads = new ManualThreads();

  /** Where user code runs, if not on {@link #threads}. */
  public Executor executor = threads;

  /** The service. */
  public final FakeKinesis kinesis = new FakeKinesis();

  /** The meters. */
  public MeterRegistry meters = new SimpleMeterRegistry();

  /** The settings. */
  public ConsumerSettings settings = ConsumerSettings.defaults();

  /** The policy. */
  public FailurePolicy policy = FailurePolicy.retryForever();

  /** Calls at a time. */
  public int parallelism = 1;

  /** Which of them. */
  public KeyOrder order = KeyOrder.PER_KEY;

  /** What of the stream is delivered, and how fast. */
  public Excerpt excerpt = Excerpt.ALL;

  /** What the application wants to know. */
  public ApplicationHooks hooks = ApplicationHooks.NONE;

  /** How long the stream keeps records. */
  public Optional<Duration> retention = Optional.of(Duration.ofDays(1));

  /** When the last record processed before arrived. */
  public Optional<Instant> lastArrival = Optional.empty();

  /** What the lease row says beside the checkpoint of the next grant. */
  public byte[] ahead = new byte[0];

  /** How shards are read. */
  public Fetching fetching = Fetching.polling();

  /** The hash range of shards. */
  public Optional<HashRange> range = Optional.of(HashRange.FULL);

  private final Map<ShardConsumer, long[]> due = new LinkedHashMap<>();
  private final Set<ShardConsumer> woken = Collections.synchronizedSet(new LinkedHashSet<>());
  private final ArrayDeque<LoopInbox.Event> inbox = new ArrayDeque<>();
  private Processing processing = new Processing.Handler(new UserCode.Records(record -> {}));
  private ShardConsumers consumers;

  /** Processes with a record handler. */
  public Worker onRecord(RecordHandler handler) {
    return process(new Processing.Handler(new UserCode.Records(handler)));
  }

  /** Processes with other code. */
  public Worker process(Processing code) {
    processing = code;
    return this;
  }

  private ShardConsumers consumers() {
    if (consumers == null) {
      consumers =
          new ShardConsumers(
              new DataPath(
                  "app",
                  settings,
                  policy,
                  processing,
                  parallelism,
                  order,
                  kinesis,
                  kinesis,
                  executor,
                  time,
                  time,
                  new SplittableRandom(42),
                  meters,
                  hooks,
                  excerpt,
                  inbox::add));
    }
    return consumers;
  }

  /** Reads the stream in another way. */
  public void switchTo(Fetching how) {
    consumers().switchTo("arn:aws:kinesis:eu-central-1:1:stream/s", how, time.now());
  }

  /** What all shards hold of the byte budget. */
  public long heldBytes() {
    return consumers().heldBytes();
  }

  /** Grants a shard from its beginning. */
  public ShardConsumer grant(ShardId shard, FakeOwnership ownership) {
    return grant(shard, ownership, Checkpoint.Sentinel.TRIM_HORIZON);
  }

  /** Grants a shard from a position. */
  public ShardConsumer grant(ShardId shard, FakeOwnership ownership, Optional<Position> from) {
    return grant(
        shard,
        ownership,
        from.<Checkpoint>map(Checkpoint::at).orElse(Checkpoint.Sentinel.TRIM_HORIZON));
  }

  /** Grants a shard. */
  public ShardConsumer grant(ShardId shard, FakeOwnership ownership, Checkpoint from) {
    ShardConsumer[] made = new ShardConsumer[1];
    LeasedShard leased =
        new LeasedShard(
            new StreamIdentity("arn:aws:kinesis:eu-central-1:1:stream/s", Instant.EPOCH),
            fetching,
            retention,
            shard,
            range,
            from,
            Optional.empty(),
            lastArrival,
            from.position().map(at -> Ahead.of(ahead, at)).orElseGet(Ahead::none),
            Optional.empty(),
            new FencingToken(1, 7));
    made[0] =
        consumers()
            .create(
                leased,
                ownership,
                () -> {
                  if (made[0] != null) {
                    woken.add(made[0]);
                  }
                });
    due.put(made[0], new long[] {time.now()});
    return made[0];
  }

  /**
   * One turn of the loop and one task of the handler threads; false if nothing was to do at this
   * moment.
   */
  public boolean turn() {
    boolean worked = turnLoop();
    return threads.runOne() || worked;
  }

  /** One turn of the loop alone. */
  public boolean turnLoop() {
    boolean worked = false;
    while (!inbox.isEmpty()) {
      inbox.remove().apply(time.now());
      worked = true;
    }
    for (ShardConsumer consumer : List.copyOf(due.keySet())) {
      if (woken.remove(consumer) || due.get(consumer)[0] - time.now() <= 0) {
        long next = consumer.tick(time.now());
        worked = true;
        if (consumer.state().isFinal()) {
          due.remove(consumer);
        } else {
          due.get(consumer)[0] = time.now() + Math.min(next, Duration.ofDays(1).toNanos());
        }
      }
    }
    return worked;
  }

  /** Runs everything that is to do at this moment. */
  public void settle() {
    for (int i = 0; turn(); i++) {
      if (i > 1_000_000) {
        throw new IllegalStateException("the worker does not come to rest");
      }
    }
  }

  /** Runs everything that is to do at this moment, but no handler. */
  public void settleLoop() {
    for (int i = 0; turnLoop(); i++) {
      if (i > 100_000) {
        throw new IllegalStateException("the loop does not come to rest");
      }
    }
  }

  /** Lets time pass and does what is due in it. */
  public void run(Duration duration) {
    long end = time.now() + duration.toNanos();
    settle();
    while (time.now() - end < 0) {
      time.advance(Math.min(nextDue(), end - time.now()));
      settle();
    }
  }

  /** Lets time pass until something holds; fails after so long. */
  public void runUntil(BooleanSupplier condition, Duration limit) {
    long end = time.now() + limit.toNanos();
    settle();
    while (!condition.getAsBoolean()) {
      if (time.now() - end >= 0) {
        throw new AssertionError("did not happen within " + limit);
      }
      time.advance(Math.max(1, Math.min(nextDue(), end - time.now())));
      settle();
    }
  }

  private long nextDue() {
    long next = Duration.ofDays(1).toNanos();
    for (long[] at : due.values()) {
      next = Math.min(next, at[0] - time.now());
    }
    return Math.max(1, next);
  }
}
