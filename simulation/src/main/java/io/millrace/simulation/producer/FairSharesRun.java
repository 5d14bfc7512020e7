package io.millrace.simulation.producer;

import io.millrace.producer.ProducerSettings;
import io.millrace.producer.UserRecord;
import io.millrace.simulation.storm.NetworkFaults;
import io.millrace.simulation.storm.SimulatedProducer;
import io.millrace.simulation.storm.SimulatedWire;
import io.millrace.simulation.world.VirtualTime;
import io.millrace.testkit.kinesis.KinesisCore;
import io.millrace.testkit.kinesis.call.StreamCall.CreateStream;
import io.millrace.testkit.kinesis.settings.CoreSettings;
import io.millrace.testkit.kinesis.settings.EndpointClock;
import io.millrace.testkit.kinesis.settings.ServiceLimits;
import java.time.Duration;
import java.util.SplittableRandom;

/**
 * Producers that know nothing of each other and each have more to send than the stream takes: what
 * part of it each of them gets once they have settled.
 *
 * <p>Confined to one thread.
 */
final class FairSharesRun {
  private static final String STREAM = "clicks";
  private static final int SHARDS = 2;
  private static final int PAYLOAD_BYTES = 4_000;
  private static final Duration SETTLING = Duration.ofSeconds(40);
  private static final Duration COUNTING = Duration.ofSeconds(40);

  private final VirtualTime time = new VirtualTime();
  private final SplittableRandom dice;
  private final KinesisCore kinesis;
  private final SimulatedProducer[] producers;
  private final long[] stored;
  private boolean counting;

  /**
   * Prepares a run.
   *
   * @param count of producers
   */
  FairSharesRun(long seed, int count) {
    this.dice = new SplittableRandom(seed);
    this.kinesis =
        new KinesisCore(
            CoreSettings.builder().limits(ServiceLimits.SERVICE).sink(true).build(),
            EndpointClock.of(time.wallClock(), time::nowNanos),
            dice.split());
    this.producers = new SimulatedProducer[count];
    this.stored = new long[count];
    kinesis.call(CreateStream.provisioned(STREAM, SHARDS));
  }

  /** Payload bytes per second that each producer stored, after they had time to settle. */
  double[] run() {
    for (int i = 0; i < producers.length; i++) {
      int index = i;
      time.after(dice.nextLong(Duration.ofSeconds(10).toNanos()), () -> start(index));
    }
    runUntil(SETTLING.toNanos());
    counting = true;
    runUntil(SETTLING.plus(COUNTING).toNanos());
    double[] rates = new double[stored.length];
    for (int i = 0; i < stored.length; i++) {
      rates[i] = (double) stored[i] * PAYLOAD_BYTES / COUNTING.toSeconds();
    }
    return rates;
  }

  /** What the stream takes in bytes per second. */
  static double capacity() {
    return SHARDS * (double) (1 << 20);
  }

  private void runUntil(long nanos) {
    while (time.hasEventUntil(nanos)) {
      time.step();
    }
  }

  private void start(int index) {
    producers[index] =
        new SimulatedProducer(
            time,
            new SimulatedWire(kinesis, time, dice.split(), () -> NetworkFaults.NONE),
            ProducerSettings.builder().bufferBytes(4 << 20).build(),
            dice.split());
    keepFull(index);
  }

  private void keepFull(int index) {
    byte[] data = new byte[PAYLOAD_BYTES];
    boolean room = true;
    for (int i = 0; i < 200 && room; i++) {
      var put = producers[index].tryPut(STREAM, UserRecord.of("user-" + dice.nextInt(1_000), data));
      room = put.isPresent();
      put.ifPresent(
          future -> {
            var unused = future.thenAccept(result -> stored[index] += counting ? 1 : 0);
          });
    }
    time.after(Duration.ofMillis(50), () -> keepFull(index));
  }
}
