package io.millrace.simulation.producer;

import io.millrace.producer.ProducerSettings;
import io.millrace.producer.ProducerSettings.Aggregation;
import io.millrace.producer.ProducerSettings.Ordering;
import io.millrace.simulation.world.BrokenPromise;
import io.millrace.simulation.world.VirtualTime;
import io.millrace.testkit.kinesis.KinesisCore;
import io.millrace.testkit.kinesis.call.StreamCall.CreateStream;
import io.millrace.testkit.kinesis.settings.CoreSettings;
import io.millrace.testkit.kinesis.settings.EndpointClock;
import io.millrace.testkit.kinesis.settings.ServiceLimits;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Producers of one stream through a storm, from a seed: everything that can happen to a record on
 * its way goes wrong at random. Then a calm, in which every record must get its outcome, and at
 * last what was told is compared with what the stream holds.
 *
 * <p>Confined to one thread.
 */
final class ProducerRun {
  static final String STREAM = "clicks";
  private static final Duration STORM = Duration.ofSeconds(8);

  /** Requests that a producer has given up may still arrive for so long. */
  private static final Duration STRAGGLERS = Duration.ofSeconds(5);

  private final long seed;
  private final VirtualTime time = new VirtualTime();
  private final KinesisCore kinesis;

  /** Whether the service chooses the shards of records, always or for a time. */
  private final boolean managed;

  private final ProducerSettings settings;
  private final Story story;
  private final PutLedger ledger;
  private final PutTraffic traffic;
  private final Disturbances disturbances;

  /** How a run ended. */
  record Summary(
      long seed,
      boolean ordered,
      long accepted,
      long stored,
      long failed,
      long possibleDuplicates) {}

  private ProducerRun(long seed, String keyOfStory) {
    this.seed = seed;
    SplittableRandom dice = new SplittableRandom(seed);
    this.managed = dice.nextInt(6) == 0;
    this.settings = randomSettings(dice.split());
    this.kinesis = randomStream(dice.split());
    this.story = new Story(time, keyOfStory);
    this.ledger = new PutLedger(settings.ordering() == Ordering.PER_KEY, story);
    this.disturbances = new Disturbances(kinesis, time, managed, story, dice.split());
    this.traffic =
        new PutTraffic(
            kinesis, time, settings, disturbances::network, managed, ledger, story, dice.split());
    kinesis.addListener(story::handled);
  }

  /**
   * Runs a seed. If it breaks a promise, it is run again, and tells of the key that it is about.
   *
   * @throws AssertionError if a promise is broken; its message has the seed and the story
   */
  static Summary run(long seed) {
    ProducerRun first = new ProducerRun(seed, "");
    try {
      return first.live();
    } catch (BrokenPromise e) {
      ProducerRun again = new ProducerRun(seed, first.ledger.suspect());
      try {
        again.live();
      } catch (BrokenPromise same) {
        throw new AssertionError(
            "seed " + seed + ": " + same.getMessage() + "\n" + again.settings + "\n" + again.story,
            same);
      }
      throw new AssertionError("seed " + seed + " breaks a promise by chance", e);
    }
  }

  private ProducerSettings randomSettings(SplittableRandom dice) {
    return ProducerSettings.builder()
        .ordering(dice.nextBoolean() && !managed ? Ordering.PER_KEY : Ordering.NONE)
        .aggregation(dice.nextInt(4) == 0 ? Aggregation.OFF : Aggregation.KPL)
        .linger(Duration.ofMillis(List.of(0, 5, 50).get(dice.nextInt(3))))
        .aggregateMaxBytes(dice.nextBoolean() ? 51_200 : 300)
        .aggregateMaxRecords(dice.nextInt(4) == 0 ? 3 : Integer.MAX_VALUE)
        .requestsInFlight(1 + dice.nextInt(8))
        .requestMaxRecords(1 + dice.nextInt(40))
        .requestTimeout(Duration.ofMillis(500 + dice.nextInt(2_000)))
        .deliveryTimeout(Duration.ofSeconds(dice.nextBoolean() ? 5 : 120))
        .streamRefreshInterval(Duration.ofSeconds(1 + dice.nextInt(60)))
        .failWhenThrottled(dice.nextInt(8) == 0)
        .headersOptional(true)
        .bufferBytes(1 << 20)
        .build();
  }

  private KinesisCore randomStream(SplittableRandom dice) {
    ServiceLimits limits =
        dice.nextBoolean() ? ServiceLimits.NONE : ServiceLimits.NONE.withWrites(40, 1 << 18);
    KinesisCore core =
        new KinesisCore(
            CoreSettings.builder()
                .limits(limits)
                .reshardDuration(Duration.ofMillis(dice.nextLong(2_000)))
                .unorderedPutRecords(dice.nextBoolean())
                .build(),
            EndpointClock.of(time.wallClock(), time::nowNanos),
            dice.split());
    core.call(
        managed
            ? CreateStream.onDemand(STREAM, Disturbances.anyStrategy(dice))
            : CreateStream.provisioned(STREAM, 1 + dice.nextInt(4)));
    return core;
  }

  private Summary live() {
    disturbances.begin(traffic);
    traffic.begin();
    runUntil(STORM.toNanos());
    disturbances.end();
    traffic.end();
    long limit = time.nowNanos() + settings.deliveryTimeout().plusSeconds(10).toNanos();
    while (!ledger.isSettled()) {
      if (time.nowNanos() > limit || !time.step()) {
        ledger.checkSettled();
      }
      traffic.check();
    }
    runUntil(time.nowNanos() + STRAGGLERS.toNanos());
    traffic.checkNothingIsHeld();
    ledger.check(StoredCopies.of(kinesis, STREAM));
    return new Summary(
        seed,
        settings.ordering() == Ordering.PER_KEY,
        ledger.acceptedCount(),
        ledger.storedCount(),
        ledger.failedCount(),
        ledger.possibleDuplicates());
  }

  private void runUntil(long nanos) {
    while (time.hasEventUntil(nanos)) {
      time.step();
      traffic.check();
    }
  }
}
