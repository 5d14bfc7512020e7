package io.millrace.samples.quickstart;

import io.millrace.samples.fleet.DemoStream;
import io.millrace.samples.fleet.Fleet;
import io.millrace.samples.fleet.Member;
import io.millrace.samples.ledger.Ledger;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** What happens to the stream and the fleet while the events flow. Confined to one thread. */
final class Story {
  private static final Duration STOP_LIMIT = Duration.ofSeconds(60);

  private final Ledger ledger;
  private final Fleet fleet;
  private final DemoStream stream;
  private final Consumer<String> narrator;
  private Optional<Departure> stopped = Optional.empty();
  private Optional<Departure> killed = Optional.empty();

  /** A worker that went, and when it was told to. */
  record Departure(String worker, long atMicros) {}

  Story(Ledger ledger, Fleet fleet, DemoStream stream, Consumer<String> narrator) {
    this.ledger = ledger;
    this.fleet = fleet;
    this.stream = stream;
    this.narrator = narrator;
  }

  /** Plays everything, each thing when its share of the events is stored. */
  void play(int records, boolean reshard) throws InterruptedException {
    if (reshard) {
      after(0.12 * records);
      narrator.accept(stream.splitWidest());
      after(0.24 * records);
      narrator.accept(stream.mergeNarrowest());
    }
    after(0.36 * records);
    stopOne();
    after(0.48 * records);
    replace();
    after(0.58 * records);
    killOne();
    after(0.68 * records);
    if (killed.isPresent()) {
      replace();
    }
    if (reshard) {
      after(0.85 * records);
      narrator.accept(stream.splitWidest());
    }
  }

  Optional<Departure> stopped() {
    return stopped;
  }

  Optional<Departure> killed() {
    return killed;
  }

  private void stopOne() throws InterruptedException {
    Member member = fleet.busiest();
    fleet.dismiss(member);
    stopped = Optional.of(new Departure(member.name(), nowMicros()));
    narrator.accept("stopping " + member.name() + " gracefully");
    try {
      member.stop().get(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS);
      narrator.accept(member.name() + " has ended");
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException(
          member.name() + " did not stop within " + STOP_LIMIT.toSeconds() + " s", e);
    }
  }

  private void killOne() {
    Member member = fleet.busiest();
    fleet.dismiss(member);
    long atMicros = nowMicros();
    if (member.kill()) {
      killed = Optional.of(new Departure(member.name(), atMicros));
      narrator.accept("killed " + member.name() + ", as a crash would");
    } else {
      narrator.accept("no worker is killed: they all run in this process");
    }
  }

  private void replace() {
    narrator.accept("starting a worker in its place");
    // Whether it gets ready shows in the leases; if it ends, the fleet has a deserter.
    var unused = fleet.startOne();
  }

  private void after(double events) throws InterruptedException {
    while (ledger.settledCount() < events) {
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  private static long nowMicros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }
}
