package io.millrace.consumer.internal.shard;

import io.millrace.consumer.Fetching;
import io.millrace.consumer.ShardState;
import io.millrace.consumer.ShardStatus;
import io.millrace.consumer.StallReason;
import io.millrace.consumer.handler.LeaseLostException;
import io.millrace.consumer.handler.ShardStart;
import io.millrace.consumer.internal.backoff.FullJitter;
import io.millrace.consumer.internal.checkpoint.CheckpointSchedule;
import io.millrace.consumer.internal.process.CheckpointMark;
import io.millrace.consumer.internal.process.CheckpointRequest;
import io.millrace.consumer.internal.process.Delivery;
import io.millrace.consumer.internal.process.DeliveryMeters;
import io.millrace.consumer.internal.process.DeliveryProgress;
import io.millrace.consumer.internal.process.HandlerContext;
import io.millrace.consumer.internal.process.HandlerRuntime;
import io.millrace.consumer.internal.process.Processing;
import io.millrace.consumer.internal.process.ProcessorCalls;
import io.millrace.consumer.internal.process.ShardCheckpointer;
import io.millrace.consumer.internal.process.ShardHooks;
import io.millrace.consumer.internal.process.UserCode;
import io.millrace.consumer.internal.shard.ShardMachine.Effect;
import io.millrace.consumer.internal.shard.ShardMachine.Event;
import io.millrace.consumer.internal.shard.ShardMachine.Phase;
import io.millrace.consumer.lease.Lease;
import io.millrace.model.Position;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One ownership: reads a shard, delivers its records, checkpoints, and comes to one of three ends.
 * The {@linkplain ShardMachine table} says what follows what; this class finds out what happened
 * and does what is to be done.
 *
 * <p>Confined to the worker loop; handler threads and ports reach it through its mailbox only.
 */
final class LeasedShardConsumer implements ShardConsumer {
  private static final Logger log = LoggerFactory.getLogger(LeasedShardConsumer.class);

  /**
   * How often the last checkpoint is tried: without it the next owner repeats records, and loses
   * none.
   */
  private static final int LAST_CHECKPOINT_ATTEMPTS = 3;

  /** How often a shard is looked at though nothing happens. */
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final ShardConsumers shared;
  private final LeasedShard shard;
  private final ShardOwnership ownership;
  private final Mailbox mailbox;
  private final Runnable wakeup;
  private final HandlerContext context;
  private final HandlerRuntime runtime;
  private final ShardMeters meters;
  private final Delivery delivery;
  private final ShardReading reading;
  private final CheckpointSchedule schedule;
  private final LeaseWriter writer;
  private final @Nullable ProcessorSide processor;
  private final ShardMachine machine = new ShardMachine();
  private final LifecycleRetry retry;
  private final Throughput throughput = new Throughput();

  private final StallWatch stallWatch;
  private final Optional<Duration> handlerTimeout;

  private boolean started;
  private boolean ticking;
  private boolean watched;
  private long watchedNanos;
  private DeliveryProgress progress;
  private long parkedSinceNanos;
  private int lastAttempts;

  /** The processor of this ownership with what calls it and what it calls. */
  private record ProcessorSide(
      UserCode.Processor code, ProcessorCalls calls, ShardCheckpointer checkpointer) {}

  LeasedShardConsumer(
      ShardConsumers shared, LeasedShard shard, ShardOwnership ownership, Runnable wakeup) {
    this.shared = shared;
    this.shard = shard;
    this.ownership = ownership;
    this.mailbox = new Mailbox(wakeup);
    this.wakeup = wakeup;
    this.runtime = shared.deliveries().runtime();
    this.context =
        new HandlerContext(shared.path().application(), shard.stream().arn(), shard.shard());
    this.meters = new ShardMeters(shared.path().meters(), context, runtime.wallClock());
    this.handlerTimeout = shared.path().settings().handlerTimeout();
    this.stallWatch = new StallWatch(shared.path().settings().stallAfter());
    this.retry =
        new LifecycleRetry(
            shard.shard(),
            new FullJitter(Duration.ofMillis(200), Duration.ofSeconds(30), shared.newRandom()));
    this.writer = new LeaseWriter(shard.shard(), ownership, mailbox);
    Optional<Position> start = shard.startFrom().position();
    Processing processing = shared.path().processing();
    UserCode userCode;
    if (processing instanceof Processing.Processors processors) {
      this.processor = processorSide(shared, processors, start.orElse(null));
      userCode = processor.code();
    } else {
      this.processor = null;
      userCode = ((Processing.Handler) processing).userCode();
    }
    DeliveryMeters counted =
        shared.path().meters() == DataPath.NO_METERS ? DeliveryMeters.NONE : meters;
    ShardHooks hooks =
        new ShardHooks(ownership::mayDeliver, ownership::isHeldBack, wakeup, context, counted);
    this.delivery =
        shared
            .deliveries()
            .create(
                userCode,
                hooks,
                shard.fencingToken(),
                shard.hashRange(),
                start,
                shard.ahead(),
                shared.newRandom());
    this.progress = delivery.progress();
    this.reading = new ShardReading(shared, shard, ownership, delivery, meters, mailbox, wakeup);
    this.schedule =
        new CheckpointSchedule(
            shared.path().settings().checkpointInterval(),
            shared.path().settings().checkpointRecords(),
            new FullJitter(Duration.ofMillis(200), Duration.ofSeconds(10), shared.newRandom()),
            start.orElse(null));
  }

  private ProcessorSide processorSide(
      ShardConsumers shared, Processing.Processors processors, @Nullable Position start) {
    ShardCheckpointer checkpointer =
        new ShardCheckpointer(
            shard.shard(),
            shared.path().settings().checkpointTimeout(),
            runtime.executor(),
            start,
            this::onRequest);
    return new ProcessorSide(
        new UserCode.Processor(processors.processors(), checkpointer),
        new ProcessorCalls(runtime, context, mailbox),
        checkpointer);
  }

  // ---- the worker loop

  @Override
  public long tick(long nowNanos) {
    if (isOver()) {
      return Long.MAX_VALUE;
    }
    if (ticking) {
      // A write that is answered at once ends here again: its answer waits in the mailbox.
      wakeup.run();
      return Long.MAX_VALUE;
    }
    ticking = true;
    try {
      return work(nowNanos);
    } finally {
      ticking = false;
    }
  }

  private long work(long nowNanos) {
    if (!started) {
      started = true;
      if (machine.phase() == Phase.STARTING) {
        initialize(nowNanos);
      }
    }
    mailbox.drain(nowNanos);
    // Progress first: what happens from here on wakes the loop again, and no deadline is missed.
    noteProgress(nowNanos);
    long next = Math.min(LOOK_NANOS, delivery.tick(nowNanos));
    next = Math.min(next, reading.tick(runtime.gate().isPaused(), nowNanos));
    if (processor != null) {
      next = Math.min(next, processor.calls().tick(handlerTimeout, nowNanos));
    }
    retryIfDue(nowNanos);
    next = Math.min(next, writeAndFinish(nowNanos));
    if (isOver()) {
      return Long.MAX_VALUE;
    }
    watch(nowNanos);
    return Math.min(next, retry.nanosUntilDue(nowNanos));
  }

  /** Looks now and then whether the shard stands still, for the log and the gauges. */
  private void watch(long nowNanos) {
    if (nowNanos - watchedNanos >= LOOK_NANOS || !watched) {
      watched = true;
      watchedNanos = nowNanos;
      stallWatch.see(status(nowNanos));
    }
  }

  private boolean isOver() {
    return machine.phase().state().isFinal();
  }

  private void noteProgress(long nowNanos) {
    DeliveryProgress before = progress;
    progress = delivery.progress();
    long released = progress.releasedBytes() - before.releasedBytes();
    reading.release(released);
    throughput.add(released, nowNanos);
    if (machine.phase() == Phase.PROCESSING) {
      if (progress.parked().isPresent()) {
        apply(Event.PARK, nowNanos);
      } else if (reading.isReadToEnd() && progress.empty() && !writer.isBusy()) {
        apply(Event.ALL_ACKNOWLEDGED, nowNanos);
      }
    }
  }

  private void retryIfDue(long nowNanos) {
    Effect due = retry.takeDue(nowNanos);
    if (due == Effect.RETRY_INITIALIZE && machine.phase() == Phase.STARTING) {
      initialize(nowNanos);
    } else if (due == Effect.RETRY_END && machine.phase() == Phase.ENDING) {
      reportEnd(nowNanos);
    }
  }

  /** A finished step may make the next one possible at once. */
  private long writeAndFinish(long nowNanos) {
    Phase before;
    long next;
    do {
      before = machine.phase();
      next = write(nowNanos);
      finishIfQuiet(nowNanos);
    } while (machine.phase() != before);
    return next;
  }

  /** Writes what is due; nanos until more is. */
  private long write(long nowNanos) {
    if (processor != null) {
      writer.writeNext(processor.checkpointer(), this::onEndWritten, nowNanos);
      return Long.MAX_VALUE;
    }
    if (writer.isBusy()) {
      return Long.MAX_VALUE;
    }
    Position watermark = progress.watermark().orElse(null);
    long acknowledged = progress.acknowledgedRecords();
    return switch (machine.phase()) {
      case STARTING, PROCESSING, PARKED, DRAINING, SHUTTING_DOWN -> {
        schedule
            .due(watermark, acknowledged, nowNanos)
            .ifPresent(position -> writeCheckpoint(nowNanos));
        yield schedule.nanosUntilDue(acknowledged, nowNanos);
      }
      case SETTLING -> {
        schedule
            .dueNow(watermark, acknowledged, nowNanos)
            .ifPresent(position -> writeCheckpoint(nowNanos));
        yield schedule.isInFlight() ? Long.MAX_VALUE : schedule.retryNanosLeft(nowNanos);
      }
      case ENDING, RECORDING_END, LEASE_LOST, SHARD_ENDED, STOPPED -> Long.MAX_VALUE;
    };
  }

  /** Handlers may have moved on since the schedule was asked: what is written is as of now. */
  private void writeCheckpoint(long nowNanos) {
    CheckpointMark mark = delivery.mark(Lease.MAX_AHEAD_BYTES);
    schedule.inFlight(mark.position());
    writer.checkpoint(
        mark.position(), mark.arrival(), mark.ahead(), nowNanos, this::onCheckpointWritten);
  }

  private void onCheckpointWritten(CheckpointOutcome outcome, long nowNanos) {
    meters.checkpoint(outcome instanceof CheckpointOutcome.Applied);
    if (outcome instanceof CheckpointOutcome.Applied) {
      schedule.applied();
    } else {
      schedule.unavailable(String.valueOf(outcome), nowNanos);
      lastAttempts += machine.phase() == Phase.SETTLING ? 1 : 0;
    }
  }

  /** Goes on with the end of an ownership once nothing of it is under way any more. */
  private void finishIfQuiet(long nowNanos) {
    if (machine.phase() == Phase.DRAINING
        && progress.idle()
        && !writer.isBusy()
        && (processor == null || !processor.calls().isRunning())) {
      apply(Event.IDLE, nowNanos);
    }
    if (machine.phase() == Phase.SETTLING && !writer.isBusy() && isSettled()) {
      apply(Event.CHECKPOINT_SETTLED, nowNanos);
    }
  }

  private boolean isSettled() {
    if (processor != null) {
      return true;
    }
    boolean durable =
        progress
            .watermark()
            .map(mark -> schedule.durable().filter(done -> done.compareTo(mark) >= 0).isPresent())
            .orElse(true);
    if (!durable && lastAttempts >= LAST_CHECKPOINT_ATTEMPTS) {
      log.warn(
          "the last checkpoint of {} failed {} times ({}): its next owner repeats records",
          shard.shard(),
          lastAttempts,
          schedule.lastFailure());
      return true;
    }
    return durable;
  }

  @Override
  public void drain(long nowNanos) {
    if (isOver() || machine.phase().state() == ShardState.DRAINING) {
      return;
    }
    apply(Event.DRAIN, nowNanos);
    wakeup.run();
  }

  @Override
  public void leaseLost(long nowNanos) {
    if (!isOver()) {
      apply(Event.LEASE_LOST, nowNanos);
    }
  }

  @Override
  public ShardState state() {
    return machine.phase().state();
  }

  // ---- effects

  private void apply(Event event, long nowNanos) {
    for (Effect effect : machine.on(event)) {
      switch (effect) {
        case START_FETCHING -> reading.start(nowNanos);
        case STOP_FETCHING -> reading.close();
        case HALT_DELIVERY -> delivery.halt();
        case REPORT_PARKED -> reportParked(nowNanos);
        case REPORT_END -> reportEnd(nowNanos);
        case RECORD_END -> recordEnd(nowNanos);
        case REPORT_SHUTDOWN -> reportShutdown(nowNanos);
        case RETRY_INITIALIZE, RETRY_END -> retry.plan(effect, nowNanos);
        case ABANDON -> abandon(nowNanos);
        case RELEASE -> release(nowNanos);
      }
    }
  }

  private void initialize(long nowNanos) {
    if (processor == null) {
      apply(Event.INITIALIZED, nowNanos);
      return;
    }
    ShardStart start =
        new ShardStart(
            context.stream(),
            shard.shard(),
            shard.hashRange(),
            shard.startFrom(),
            shard.pending(),
            shard.fencingToken());
    processor
        .calls()
        .start(
            "initialize",
            () -> processor.code().initialize(start),
            (error, now) -> {
              retry.ended("initialize", error, now);
              apply(error == null ? Event.INITIALIZED : Event.INITIALIZE_FAILED, now);
            },
            nowNanos);
  }

  private void reportParked(long nowNanos) {
    DeliveryProgress.ParkRequest request = progress.parked().orElseThrow();
    parkedSinceNanos = nowNanos;
    log.error("{} is parked: {}", shard.shard(), request.reason());
    ownership.parked(request.reason(), request.attempts(), nowNanos);
  }

  private void reportEnd(long nowNanos) {
    if (processor == null) {
      apply(Event.END_ACCEPTED, nowNanos);
      return;
    }
    if (processor.calls().isRunning()) {
      // The call that asked for the end is about to return: what it returns decides.
      return;
    }
    processor.checkpointer().reachedEnd();
    processor
        .calls()
        .start("shardEnded", () -> processor.code().shardEnded(), this::onEndHandled, nowNanos);
  }

  /** Returning is not enough: the end counts when the processor has checkpointed it. */
  private void onEndHandled(@Nullable Throwable error, long nowNanos) {
    if (machine.phase() == Phase.ENDING || machine.phase() == Phase.DRAINING) {
      retry.ended(
          "shardEnded",
          error != null ? error : new IllegalStateException("it returned without a checkpoint"),
          nowNanos);
    }
    if (!isOver()) {
      apply(Event.END_REFUSED, nowNanos);
    }
  }

  private void recordEnd(long nowNanos) {
    if (processor == null) {
      writer.end(nowNanos, this::onEndWritten);
    }
  }

  private void onEndWritten(CheckpointOutcome outcome, long nowNanos) {
    boolean applied = outcome instanceof CheckpointOutcome.Applied;
    meters.checkpoint(applied);
    if (!applied) {
      retry.ended("writing the end", new IllegalStateException(String.valueOf(outcome)), nowNanos);
    }
    if (!isOver()) {
      apply(applied ? Event.END_RECORDED : Event.END_NOT_RECORDED, nowNanos);
    }
  }

  private void reportShutdown(long nowNanos) {
    boolean neverRead = !reading.wasStarted();
    if (processor == null || neverRead) {
      apply(Event.SHUTDOWN_HANDLED, nowNanos);
      return;
    }
    processor
        .calls()
        .start(
            "shutdownRequested",
            () -> processor.code().shutdownRequested(),
            (error, now) -> {
              retry.ended("shutdownRequested", error, now);
              if (!isOver()) {
                apply(Event.SHUTDOWN_HANDLED, now);
              }
            },
            nowNanos);
  }

  private void abandon(long nowNanos) {
    reading.stop();
    delivery.abandon();
    ProcessorSide side = processor;
    if (side != null) {
      boolean unused = side.calls().interrupt();
      delivery.whenIdle(() -> side.calls().last(side.code()::leaseLost));
    }
    release(nowNanos);
  }

  private void release(long nowNanos) {
    delivery.abandon();
    reading.close();
    mailbox.close(nowNanos);
    writer.close();
    meters.close();
    shared.ended(this);
  }

  // ---- what a processor asks for

  /** Called on any thread. */
  private void onRequest(CheckpointRequest request) {
    if (!mailbox.offer(now -> accept(request, now))) {
      request.done().completeExceptionally(new LeaseLostException(shard.shard()));
    }
  }

  private void accept(CheckpointRequest request, long nowNanos) {
    if (isOver()) {
      request.done().completeExceptionally(new LeaseLostException(shard.shard()));
      return;
    }
    writer.request(request);
    if (request instanceof CheckpointRequest.End) {
      apply(Event.END_ACCEPTED, nowNanos);
    }
  }

  // ---- what an operator sees

  @Override
  public ShardStatus status(long nowNanos) {
    Optional<Duration> oldest =
        progress
            .oldestArrival()
            .map(arrival -> Duration.between(arrival, runtime.wallClock().instant()))
            .map(age -> age.isNegative() ? Duration.ZERO : age);
    ShardStatus status =
        new ShardStatus(
            context.stream(),
            shard.shard(),
            state(),
            stall(nowNanos),
            reading.behindLatest(),
            oldest,
            reading.heldBytes(),
            progress.watermark(),
            checkpointed(),
            longestCall(nowNanos),
            retentionUsed(oldest, nowNanos));
    meters.show(
        reading.behindLatest().map(Duration::toMillis).orElse(0L),
        oldest.map(Duration::toMillis).orElse(0L),
        reading.heldBytes(),
        status.stall().map(reason -> reason.lasts().toMillis()).orElse(0L),
        status.retentionUsed().orElse(0));
    return status;
  }

  private Optional<Duration> longestCall(long nowNanos) {
    Optional<Duration> call =
        processor == null ? Optional.empty() : processor.calls().longestCall(nowNanos);
    return call.or(() -> delivery.longestCall(nowNanos));
  }

  private OptionalDouble retentionUsed(Optional<Duration> oldest, long nowNanos) {
    Optional<Duration> unread = reading.unreadAge(nowNanos);
    if (unread.isEmpty() || shard.retention().isEmpty()) {
      return OptionalDouble.empty();
    }
    Duration age = oldest.filter(held -> held.compareTo(unread.get()) > 0).orElse(unread.get());
    return OptionalDouble.of((double) age.toMillis() / shard.retention().get().toMillis());
  }

  /** Reads in another way from now on. */
  void switchTo(Fetching how, long nowNanos) {
    if (!isOver()) {
      reading.switchTo(how, nowNanos);
      wakeup.run();
    }
  }

  boolean isOf(String streamArn) {
    return shard.stream().arn().equals(streamArn);
  }

  private Optional<Position> checkpointed() {
    return processor == null ? schedule.durable() : processor.checkpointer().lastCheckpoint();
  }

  private Optional<StallReason> stall(long nowNanos) {
    if (isOver()) {
      return Optional.empty();
    }
    if (machine.phase() == Phase.PARKED) {
      return Optional.of(
          new StallReason.Parked(
              progress.parked().map(DeliveryProgress.ParkRequest::reason).orElse(""),
              Duration.ofNanos(nowNanos - parkedSinceNanos)));
    }
    Optional<StallReason> call =
        processor == null ? Optional.empty() : processor.calls().stall(nowNanos);
    return retry
        .stall(nowNanos)
        .or(() -> call)
        .or(() -> delivery.stall(nowNanos))
        .or(() -> checkpointStall(nowNanos))
        .or(() -> reading.stall(nowNanos));
  }

  private Optional<StallReason> checkpointStall(long nowNanos) {
    return schedule.failures() == 0
        ? Optional.empty()
        : Optional.of(
            new StallReason.CheckpointFailing(
                schedule.failures(),
                schedule.lastFailure(),
                Duration.ofNanos(nowNanos - schedule.firstFailureNanos())));
  }

  @Override
  public double bytesPerSecond(long nowNanos) {
    return throughput.bytesPerSecond(nowNanos);
  }
}
