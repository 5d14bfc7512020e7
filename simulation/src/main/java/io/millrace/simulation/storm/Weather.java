package io.millrace.simulation.storm;

import io.millrace.consumer.ConsumerSettings.Heartbeats;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What kind of storm a seed brings. Most are short and dense, with short failover times, so that
 * deaths, fail-overs and reshards fall into each other; one in twenty lasts a minute with the times
 * of production.
 *
 * @param storm how long there are faults
 * @param shards how many shards the stream has at first
 * @param mostShards how many it is resharded to at most
 * @param fleet how many workers start at first
 * @param mostWorkers how many work at the same time
 * @param failoverTimes what the workers' settings say: not all the same during a deploy
 * @param heartbeats the mode in which the fleet starts
 * @param network the faults of the network
 * @param longestQuiet the longest time between two disturbances
 * @param burst how many records are put at once on average, twenty times a second
 * @param ordered whether the producer keeps the order of each key
 * @param handoffTimeout how long a claimed shard may drain
 * @param focus what befalls the fleet half of the time; anything if null
 */
record Weather(
    Duration storm,
    int shards,
    int mostShards,
    int fleet,
    int mostWorkers,
    List<Duration> failoverTimes,
    Heartbeats heartbeats,
    NetworkFaults network,
    Duration longestQuiet,
    int burst,
    boolean ordered,
    Duration handoffTimeout,
    Disturbances.@Nullable Kind focus) {

  /** The weather of a seed in a season. */
  static Weather of(Season season, RandomGenerator dice) {
    Weather any = of(dice);
    NetworkFaults bad = NetworkFaults.BAD;
    return switch (season) {
      case ANY -> any;
      case CUT_OFFS -> any.with(bad, Disturbances.Kind.CUT_OFF_FROM_STORE);
      case ECHOES ->
          any.with(
                  bad.echoing(),
                  dice.nextBoolean()
                      ? Disturbances.Kind.RESTART
                      : Disturbances.Kind.CUT_OFF_FROM_STORE)
              .draining(Duration.ofSeconds(1));
      case SUSPENSIONS -> any.with(any.network, Disturbances.Kind.SUSPEND_MACHINE);
      case TWINS -> any.with(bad, Disturbances.Kind.REPLACE_FROZEN);
      case DELAYS ->
          any.with(any.network, Disturbances.Kind.SLOW_THEN_CUT_OFF)
              .lasting(Duration.ofSeconds(60), Duration.ofSeconds(10));
      case PATIENCE ->
          any.with(NetworkFaults.NONE, Disturbances.Kind.CUT_OFF_FROM_STORE)
              .lasting(Duration.ofMinutes(4), Duration.ofSeconds(60));
    };
  }

  private Weather with(NetworkFaults faults, Disturbances.Kind often) {
    return new Weather(
        storm,
        shards,
        mostShards,
        Math.max(2, fleet),
        mostWorkers,
        failoverTimes,
        heartbeats,
        faults,
        longestQuiet,
        burst,
        ordered,
        handoffTimeout,
        often);
  }

  private Weather draining(Duration limit) {
    return new Weather(
        storm,
        shards,
        mostShards,
        fleet,
        mostWorkers,
        failoverTimes,
        heartbeats,
        network,
        longestQuiet,
        burst,
        ordered,
        limit,
        focus);
  }

  private Weather lasting(Duration howLong, Duration failover) {
    return new Weather(
        howLong,
        shards,
        mostShards,
        fleet,
        mostWorkers,
        List.of(failover),
        heartbeats,
        network,
        failover.dividedBy(2),
        1,
        ordered,
        handoffTimeout,
        focus);
  }

  /** No faults at all, but what a script brings. */
  static Weather calm(
      Duration storm, int shards, int workers, Duration failoverTime, Heartbeats heartbeats) {
    return new Weather(
        storm,
        shards,
        shards,
        workers,
        workers,
        List.of(failoverTime),
        heartbeats,
        NetworkFaults.NONE,
        storm,
        1,
        true,
        Duration.ofSeconds(30),
        null);
  }

  /** The weather of a seed. */
  static Weather of(RandomGenerator dice) {
    boolean isLong = dice.nextInt(20) == 0;
    Duration storm =
        isLong ? Duration.ofMinutes(1) : Duration.ofMillis(6_000 + dice.nextInt(12_000));
    Duration failover = Duration.ofSeconds(isLong ? 5 + dice.nextInt(6) : 2 + dice.nextInt(4));
    boolean deploy = dice.nextInt(4) == 0;
    return new Weather(
        storm,
        1 + dice.nextInt(4),
        1 + dice.nextInt(6),
        1 + dice.nextInt(3),
        4,
        deploy ? List.of(failover, failover.multipliedBy(2)) : List.of(failover),
        dice.nextInt(4) == 0 ? Heartbeats.PER_LEASE : Heartbeats.PER_WORKER,
        NetworkFaults.BAD.times(dice.nextInt(5) * 0.5),
        isLong ? Duration.ofSeconds(8) : Duration.ofMillis(2_500),
        isLong ? 3 : 1 + dice.nextInt(2),
        dice.nextBoolean(),
        Duration.ofSeconds(dice.nextInt(3) == 0 ? 1 : 30),
        null);
  }

  /** The longest failover time of any worker. */
  Duration longestFailover() {
    return failoverTimes.get(failoverTimes.size() - 1);
  }
}
