package io.millrace.simulation.storm;

import io.millrace.simulation.world.VirtualTime;
import io.millrace.testkit.kinesis.KinesisCore;
import io.millrace.testkit.kinesis.call.Delivery;
import io.millrace.testkit.kinesis.call.KinesisRequest;
import io.millrace.testkit.kinesis.model.KinesisError;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * One client's connection to the simulated Kinesis: each call takes a delay there and a delay back,
 * and may lose its request or its reply. The service's own faults come from the core's script.
 *
 * <p>Confined to the simulation's thread.
 */
public final class SimulatedWire {
  /** After which time a caller gives a request up. */
  static final Duration TIMEOUT = Duration.ofSeconds(2);

  private final KinesisCore core;
  private final VirtualTime time;
  private final RandomGenerator dice;
  private final Supplier<NetworkFaults> faults;
  private final long timeoutNanos = TIMEOUT.toNanos();
  private boolean connected = true;
  private boolean cutOff;

  /** Connects a client; {@code dice} are its own. */
  public SimulatedWire(
      KinesisCore core, VirtualTime time, RandomGenerator dice, Supplier<NetworkFaults> faults) {
    this.core = core;
    this.time = time;
    this.dice = dice;
    this.faults = faults;
  }

  /** Lets no reply through any more, and no new request: the client's process is gone. */
  void disconnect() {
    connected = false;
  }

  /** Whether no request arrives. */
  void cutOff(boolean now) {
    cutOff = now;
  }

  VirtualTime time() {
    return time;
  }

  /**
   * Sends a request; {@code outcome} hears exactly once what the client sees, unless it is
   * disconnected.
   */
  <R> void call(KinesisRequest<R> request, Consumer<Seen<R>> outcome) {
    if (!connected) {
      return;
    }
    Once<R> once = new Once<>(outcome);
    time.after(timeoutNanos, () -> once.accept(new Seen.TimedOut<>()));
    NetworkFaults now = faults.get();
    boolean requestLost = cutOff || happens(now.lostRequest());
    boolean replyLost = happens(now.lostReply());
    long there = now.delayNanos(dice);
    long back = now.delayNanos(dice);
    if (requestLost) {
      return;
    }
    time.after(
        there,
        () -> {
          Delivery<R> delivery = core.handle(request);
          if (!replyLost) {
            deliver(delivery, back + delivery.delayNanos(), once);
          }
        });
  }

  private <R> void deliver(Delivery<R> delivery, long delayNanos, Once<R> once) {
    Seen<R> seen =
        delivery.match(
            answer -> new Seen.Answered<>(answer.reply()),
            refusal -> new Seen.Refused<>(refusal.error()),
            silence -> new Seen.TimedOut<R>(),
            reset -> new Seen.Reset<R>());
    if (!(seen instanceof Seen.TimedOut<R>)) {
      time.after(delayNanos, () -> once.accept(seen));
    }
  }

  private boolean happens(double probability) {
    return probability > 0 && dice.nextDouble() < probability;
  }

  /** What a client sees of a call. */
  sealed interface Seen<R> {
    /** The reply. */
    record Answered<R>(R reply) implements Seen<R> {}

    /** An error of the service. */
    record Refused<R>(KinesisError error) implements Seen<R> {}

    /** The connection broke; the call may have had its effect. */
    record Reset<R>() implements Seen<R> {}

    /** No reply in time; the call may have had its effect. */
    record TimedOut<R>() implements Seen<R> {}
  }

  private final class Once<R> implements Consumer<Seen<R>> {
    private final Consumer<Seen<R>> outcome;
    private boolean heard;

    Once(Consumer<Seen<R>> outcome) {
      this.outcome = outcome;
    }

    @Override
    public void accept(Seen<R> seen) {
      if (!heard && connected) {
        heard = true;
        outcome.accept(seen);
      }
    }
  }
}
