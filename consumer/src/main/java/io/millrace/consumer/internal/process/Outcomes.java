package io.millrace.consumer.internal.process;

import io.millrace.consumer.failure.FailurePolicy;
import io.millrace.consumer.internal.process.FailureDecisions.Decision;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the outcome of a call means: which records are acknowledged, and what becomes of the rest of
 * the work. Confined to the delivery's lock.
 */
final class Outcomes {
  private static final Logger log = LoggerFactory.getLogger(Outcomes.class);

  private final RecordFlow flow;
  private final PauseGate gate;
  private final InstantSource wallClock;
  private final DuplicateWindow duplicates;
  private final ShardHooks hooks;
  private final FailureDecisions decisions;
  private final Consumer<Runnable> aftermath;

  /**
   * Creates it.
   *
   * @param aftermath takes what has to be done once the lock is free
   */
  Outcomes(
      RecordFlow flow,
      FailurePolicy policy,
      HandlerRuntime runtime,
      ShardHooks hooks,
      RandomGenerator random,
      Consumer<Runnable> aftermath) {
    this.flow = flow;
    this.gate = runtime.gate();
    this.wallClock = runtime.wallClock();
    this.duplicates = runtime.duplicates();
    this.hooks = hooks;
    this.decisions = new FailureDecisions(policy, random);
    this.aftermath = aftermath;
  }

  /** What becomes of a work. */
  sealed interface Next {
    /** Its current part, if it has one, may start at once. */
    record GoOn() implements Next {}

    /**
     * Its current part may start later.
     *
     * @param delayNanos how much
     */
    record Later(long delayNanos) implements Next {}

    /**
     * Nothing of the shard may start before.
     *
     * @param delayNanos how much
     */
    record Pause(long delayNanos) implements Next {}

    /**
     * The shard stops.
     *
     * @param reason why; no record content
     */
    record Park(String reason) implements Next {}
  }

  private static final Next GO_ON = new Next.GoOn();

  /**
   * Applies an outcome to the current part.
   *
   * @param result what the call returned, or null
   * @param error what it threw, or null
   */
  Next apply(Work work, @Nullable CallResult result, @Nullable Throwable error, long nowNanos) {
    acknowledgeProcessed(work);
    Throwable failure = error;
    boolean failed = failure != null;
    int redelivered = work.partSize();
    if (result instanceof CallResult.Failed some) {
      failure = keepFailed(work, some);
      failed = true;
    }
    if (work.givenUp == null) {
      hooks.meters().handlerCall(nowNanos - work.partStartNanos, failed);
      if (work.failures > 0) {
        hooks.meters().redelivered(redelivered);
      }
    }
    if (!failed) {
      gate.passed();
      acknowledgePart(work);
      work.nextPart();
      return GO_ON;
    }
    if (work.givenUp == null) {
      return applyFailure(work, failure, nowNanos);
    }
    gate.passed();
    if (failure == null && result instanceof CallResult.Failed refused) {
      failure = refused.cause().orElse(null);
    }
    work.destinationFailed(failure, nowNanos);
    return new Next.Later(decisions.destinationDelayNanos(work.destinationFailures));
  }

  /** Acknowledges what the runner has run over without the lock; its call may be under way. */
  void acknowledgeProcessed(Work work) {
    int count = 0;
    long bytes = 0;
    for (DeliveredRecord done = work.takeProcessed(); done != null; done = work.takeProcessed()) {
      bytes += acknowledge(done);
      count++;
    }
    if (count > 0) {
      hooks.meters().processed(count, bytes);
    }
  }

  private void acknowledgePart(Work work) {
    int count = work.partSize();
    long bytes = 0;
    for (int i = 0; i < count; i++) {
      bytes += acknowledge(work.inPart(i));
    }
    countDone(work, count, bytes);
  }

  /**
   * Acknowledges the records of the current part whose events were acknowledged before, or come
   * twice in it, and keeps the others as the part.
   *
   * @return whether none is left
   */
  boolean leaveOutDuplicates(Work work) {
    Set<String> here = new HashSet<>();
    Set<DeliveredRecord> kept = new HashSet<>();
    List<DeliveredRecord> left = new ArrayList<>();
    for (DeliveredRecord record : work.part()) {
      String event = record.eventId();
      boolean twice = event != null && (duplicates.hasSeen(record) || !here.add(event));
      if (twice) {
        left.add(record);
      } else {
        kept.add(record);
      }
    }
    if (left.isEmpty()) {
      return false;
    }
    left.forEach(this::acknowledge);
    hooks.meters().duplicates(left.size());
    if (!kept.isEmpty()) {
      work.keep(kept);
    }
    return kept.isEmpty();
  }

  /** Acknowledges a record; its size. */
  private int acknowledge(DeliveredRecord record) {
    duplicates.acknowledged(record);
    if (flow.acknowledge(record)) {
      hooks.meters().settled(record.arrival());
    }
    return record.sizeBytes();
  }

  private void countDone(Work work, int records, long bytes) {
    if (work.givenUp == null) {
      hooks.meters().processed(records, bytes);
    } else {
      hooks.meters().diverted(records);
    }
  }

  /**
   * Acknowledges the records that were not named, and keeps the others as the part.
   *
   * @return an error if a position is not in the part, and then nothing is acknowledged
   */
  private @Nullable Throwable keepFailed(Work work, CallResult.Failed some) {
    Set<DeliveredRecord> kept = new HashSet<>();
    List<DeliveredRecord> processed = new ArrayList<>();
    for (DeliveredRecord record : work.part()) {
      if (some.failed().contains(record.position())) {
        kept.add(record);
      } else {
        processed.add(record);
      }
    }
    if (kept.size() != some.failed().size()) {
      return new IllegalArgumentException(
          "the batch result names "
              + some.failed().size()
              + " failed positions, of which "
              + kept.size()
              + " are in the batch: they must all be");
    }
    long bytes = 0;
    for (DeliveredRecord record : processed) {
      bytes += acknowledge(record);
    }
    countDone(work, processed.size(), bytes);
    work.keep(kept);
    return null;
  }

  private Next applyFailure(Work work, @Nullable Throwable error, long nowNanos) {
    Decision decision = decisions.decide(work, error, wallClock.instant());
    work.failed(error, nowNanos);
    if (decision instanceof Decision.Pause && error != null) {
      gate.failed(error);
      return new Next.Pause(gate.nanosUntilProbe(nowNanos));
    }
    gate.passed();
    work.countedFailures++;
    logFailure(work, error, decision);
    if (decision instanceof Decision.Retry retry) {
      return new Next.Later(retry.delayNanos());
    }
    if (decision instanceof Decision.Halve halve) {
      work.halve();
      return new Next.Later(halve.delayNanos());
    }
    if (decision instanceof Decision.GiveUp giveUp) {
      work.givenUp = giveUp.reason();
      return GO_ON;
    }
    return decision instanceof Decision.Park park ? new Next.Park(park.reason()) : GO_ON;
  }

  /** The first failures are news, the later ones a rhythm: one line each time the count doubles. */
  private void logFailure(Work work, @Nullable Throwable error, Decision decision) {
    if (Integer.bitCount(work.failures) != 1) {
      return;
    }
    int records = work.partSize();
    Object position = work.head().position();
    int failures = work.failures;
    aftermath.accept(
        () ->
            log.warn(
                "processing {} records from {} of {} failed for the {}. time with {}: {}",
                records,
                position,
                hooks.context().shard(),
                failures,
                FailureDecisions.nameOf(error),
                decision));
  }
}
