package io.millrace.simulation.producer;

import io.millrace.simulation.storm.NetworkFaults;
import io.millrace.simulation.world.VirtualTime;
import io.millrace.testkit.kinesis.KinesisCore;
import io.millrace.testkit.kinesis.call.Operation;
import io.millrace.testkit.kinesis.call.StreamCall.DescribeStreamSummary;
import io.millrace.testkit.kinesis.call.StreamCall.UpdateStreamRecordDistributionStrategy;
import io.millrace.testkit.kinesis.fault.Fault;
import io.millrace.testkit.kinesis.fault.FaultRule;
import io.millrace.testkit.kinesis.model.ErrorCode;
import io.millrace.testkit.kinesis.model.KinesisError;
import io.millrace.testkit.kinesis.model.RecordDistributionStrategy;
import io.millrace.testkit.kinesis.model.StreamRef;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What goes wrong in a storm: calls by chance, and every now and then something for a while.
 *
 * <p>Confined to the simulation's thread.
 */
final class Disturbances {
  private final KinesisCore kinesis;
  private final VirtualTime time;
  private final boolean managed;
  private final Story story;
  private final SplittableRandom dice;
  private final double callRate;
  private NetworkFaults network;
  private boolean ended;

  /**
   * Prepares a storm.
   *
   * @param managed whether it also changes who chooses the shards of records
   */
  Disturbances(
      KinesisCore kinesis, VirtualTime time, boolean managed, Story story, SplittableRandom dice) {
    this.kinesis = kinesis;
    this.time = time;
    this.managed = managed;
    this.story = story;
    this.dice = dice;
    this.network = dice.nextInt(3) == 0 ? NetworkFaults.NONE : NetworkFaults.BAD;
    this.callRate = dice.nextInt(3) * 0.02;
  }

  /** The network as it is now. */
  NetworkFaults network() {
    return network;
  }

  /** The storm begins. */
  void begin(PutTraffic traffic) {
    List<Fault> ofPuts =
        List.of(
            Fault.throttle(),
            Fault.failEntries(ErrorCode.PROVISIONED_THROUGHPUT_EXCEEDED, 0.5),
            Fault.failEntries(ErrorCode.INTERNAL_FAILURE, 0.3),
            Fault.internalFailure(),
            Fault.internalFailureAfterEffect(),
            Fault.lostReply(),
            Fault.reset(),
            Fault.resetAfterEffect(),
            Fault.expiredCredentials(),
            Fault.refuse(ErrorCode.SERVICE_UNAVAILABLE));
    for (Fault fault : ofPuts) {
      kinesis.faults().on(Operation.PUT_RECORDS).probability(callRate).inject(fault);
    }
    kinesis
        .faults()
        .on(Operation.LIST_SHARDS, Operation.DESCRIBE_STREAM_SUMMARY)
        .probability(5 * callRate)
        .inject(Fault.refuse(ErrorCode.LIMIT_EXCEEDED));
    keepDisturbing(traffic);
  }

  /** The storm is over: from now on everything works. */
  void end() {
    story.say("the storm is over");
    ended = true;
    network = NetworkFaults.NONE;
    kinesis.faults().clear();
  }

  private void keepDisturbing(PutTraffic traffic) {
    if (!ended) {
      disturb(traffic);
      time.after(upTo(Duration.ofSeconds(2)), () -> keepDisturbing(traffic));
    }
  }

  private void disturb(PutTraffic traffic) {
    switch (dice.nextInt(10)) {
      case 0, 1, 2 -> {
        if (managed && dice.nextInt(3) == 0) {
          changeStrategy();
        } else {
          reshard();
        }
      }
      case 3 -> forAWhile("the network is cut", Duration.ofSeconds(6), Fault.lostRequest());
      case 4 -> forAWhile("replies are lost", Duration.ofSeconds(2), Fault.lostReply());
      case 5 ->
          forAWhile("credentials have expired", Duration.ofSeconds(3), Fault.expiredCredentials());
      case 6 ->
          forAWhile(
              "everything is throttled",
              Duration.ofSeconds(3),
              Fault.failEntries(ErrorCode.PROVISIONED_THROUGHPUT_EXCEEDED));
      case 7 -> refuse();
      case 8 -> traffic.suspendOne(upTo(Duration.ofSeconds(8)));
      default -> traffic.replaceOne(Duration.ofNanos(upTo(Duration.ofSeconds(3))));
    }
  }

  private void refuse() {
    boolean denied = dice.nextBoolean();
    forAWhile(
        denied ? "access is denied" : "the KMS key is disabled",
        Duration.ofSeconds(1),
        Fault.refuse(denied ? ErrorCode.ACCESS_DENIED : ErrorCode.KMS_DISABLED));
  }

  private void reshard() {
    int target = 1 + dice.nextInt(6);
    try {
      kinesis.scale(ProducerRun.STREAM, target);
      story.say("reshard to %d", target);
    } catch (KinesisError changing) {
      story.say("no reshard to %d: the stream is still changing", target);
    }
  }

  private void changeStrategy() {
    RecordDistributionStrategy strategy = anyStrategy(dice);
    try {
      kinesis.call(new UpdateStreamRecordDistributionStrategy(StreamRef.ofArn(arn()), strategy));
      story.say("record distribution strategy %s", strategy);
    } catch (KinesisError changing) {
      story.say("no other strategy: the stream is still changing");
    }
  }

  private String arn() {
    return kinesis
        .call(new DescribeStreamSummary(StreamRef.ofName(ProducerRun.STREAM)))
        .description()
        .streamArn();
  }

  static RecordDistributionStrategy anyStrategy(SplittableRandom dice) {
    return dice.nextBoolean()
        ? RecordDistributionStrategy.AUTO
        : RecordDistributionStrategy.USER_PARTITION_KEY;
  }

  /** Concerns each PutRecords, and often the control calls, too. */
  private void forAWhile(String what, Duration longest, Fault fault) {
    long nanos = upTo(longest);
    story.say("%s for %d ms", what, nanos / 1_000_000);
    boolean all = fault.onlyOn().isEmpty() && dice.nextBoolean();
    FaultRule rule =
        all
            ? kinesis.faults().onEveryCall().inject(fault)
            : kinesis.faults().on(Operation.PUT_RECORDS).inject(fault);
    time.after(nanos, rule::cancel);
  }

  private long upTo(Duration longest) {
    return dice.nextLong(longest.toNanos());
  }
}
