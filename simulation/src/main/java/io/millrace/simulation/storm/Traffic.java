package io.millrace.simulation.storm;

import io.millrace.producer.ProducerSettings;
import io.millrace.producer.ProducerSettings.Ordering;
import io.millrace.simulation.world.Trace;
import io.millrace.simulation.world.VirtualTime;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * The application that puts records: in bursts, some keys more often than others. Each record
 * carries its id and its number among the records of its key.
 *
 * <p>Confined to the simulation's thread.
 */
final class Traffic {
  private static final int KEYS = 40;
  private static final long LONGEST_PAUSE_NANOS = Duration.ofMillis(100).toNanos();

  private final VirtualTime time;
  private final SplittableRandom dice;
  private final Trace trace;
  private final Ledger ledger;
  private final String stream;
  private final int burst;
  private final SimulatedProducer producer;
  private final Map<String, Long> numbers = new HashMap<>();
  private long nextId;
  private boolean over;

  Traffic(
      VirtualTime time,
      SimulatedWire wire,
      String stream,
      Weather weather,
      Ledger ledger,
      Trace trace,
      SplittableRandom dice) {
    this.time = time;
    this.dice = dice;
    this.trace = trace;
    this.ledger = ledger;
    this.stream = stream;
    this.burst = weather.burst();
    this.producer =
        new SimulatedProducer(
            time,
            wire,
            ProducerSettings.builder()
                .ordering(weather.ordered() ? Ordering.PER_KEY : Ordering.NONE)
                .requestTimeout(SimulatedWire.TIMEOUT)
                .build(),
            dice.split());
  }

  /** Puts records until {@link #end}. */
  void keepPutting() {
    if (over) {
      return;
    }
    int count = 1 + dice.nextInt(2 * burst);
    for (int i = 0; i < count; i++) {
      putOne();
    }
    time.after(dice.nextLong(LONGEST_PAUSE_NANOS), this::keepPutting);
  }

  /** Puts nothing more. */
  void end() {
    over = true;
  }

  /** Whether every put has its outcome. */
  boolean isSettled() {
    return producer.outstandingRecords() == 0
        && ledger.putCount() == ledger.acceptedCount() + ledger.failedPuts();
  }

  long outstandingRecords() {
    return producer.outstandingRecords();
  }

  private void putOne() {
    long id = nextId++;
    String key = "user-" + Math.min(dice.nextInt(KEYS), dice.nextInt(KEYS));
    long number = numbers.merge(key, 1L, Long::sum);
    byte[] data = ByteBuffer.allocate(24).putLong(id).putLong(number).putLong(0).array();
    ledger.wasPut(id);
    producer.put(
        stream,
        key,
        data,
        (result, failure) -> {
          if (failure == null) {
            ledger.wasAccepted(id);
          } else {
            ledger.wasRefused();
            trace.say("put %d failed: %s", id, String.valueOf(failure.getMessage()));
          }
        });
  }
}
