package io.millrace.simulation.producer;

import io.millrace.model.HashKey;
import io.millrace.producer.ProducerSettings;
import io.millrace.producer.PutFailedException;
import io.millrace.producer.PutResult;
import io.millrace.producer.UserRecord;
import io.millrace.simulation.storm.NetworkFaults;
import io.millrace.simulation.storm.SimulatedProducer;
import io.millrace.simulation.storm.SimulatedWire;
import io.millrace.simulation.world.BrokenPromise;
import io.millrace.simulation.world.VirtualTime;
import io.millrace.testkit.kinesis.KinesisCore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One to three producers at a time that put, flush, stand still, close and are replaced. Each has
 * keys of its own: between producers there is no order.
 *
 * <p>Confined to the simulation's thread.
 */
final class PutTraffic {
  private static final int KEYS = 12;
  private static final Duration LONGEST_CALLBACK_DELAY = Duration.ofMillis(20);

  /** Moving records between shards may overdraw the budget by one Kinesis record. */
  private static final long OVERDRAFT_BYTES = 1 << 16;

  private final KinesisCore kinesis;
  private final VirtualTime time;
  private final ProducerSettings settings;
  private final Supplier<NetworkFaults> network;
  private final boolean managed;
  private final PutLedger ledger;
  private final Story story;
  private final SplittableRandom dice;
  private final int payloadBytes;
  private final List<Member> members = new ArrayList<>();
  private final List<Member> everybody = new ArrayList<>();
  private boolean ended;
  private @Nullable BrokenPromise broken;

  /** One producer and the numbers of its keys. */
  private static final class Member {
    private final String name;
    private final SimulatedProducer producer;
    private final Map<String, Long> numbers = new HashMap<>();
    private boolean closing;

    Member(String name, SimulatedProducer producer) {
      this.name = name;
      this.producer = producer;
    }
  }

  /**
   * Prepares traffic.
   *
   * @param managed whether some records have no key
   */
  PutTraffic(
      KinesisCore kinesis,
      VirtualTime time,
      ProducerSettings settings,
      Supplier<NetworkFaults> network,
      boolean managed,
      PutLedger ledger,
      Story story,
      SplittableRandom dice) {
    this.kinesis = kinesis;
    this.time = time;
    this.settings = settings;
    this.network = network;
    this.managed = managed;
    this.ledger = ledger;
    this.story = story;
    this.dice = dice;
    this.payloadBytes = dice.nextInt(4) == 0 ? 8_000 : 60;
  }

  /** Starts the first producers within two seconds. */
  void begin() {
    int count = 1 + dice.nextInt(3);
    for (int i = 0; i < count; i++) {
      time.after(dice.nextLong(2_000_000_000), this::startMember);
    }
  }

  /** Nothing is put any more, and every producer goes on. */
  void end() {
    ended = true;
    members.forEach(member -> member.producer.resume());
  }

  /** A promise that was broken in a callback, whose exceptions a producer only logs. */
  void check() {
    if (broken != null) {
      throw broken;
    }
  }

  /** All records have their outcome: no producer holds anything. */
  void checkNothingIsHeld() {
    for (Member member : everybody) {
      if (member.producer.heldBytes() != 0 || member.producer.outstandingRecords() != 0) {
        throw new BrokenPromise(
            "%s holds %d bytes and %d records for nothing",
            member.name, member.producer.heldBytes(), member.producer.outstandingRecords());
      }
    }
  }

  private void startMember() {
    if (ended) {
      return;
    }
    SimulatedWire wire = new SimulatedWire(kinesis, time, dice.split(), network);
    SplittableRandom callbacks = dice.split();
    SimulatedProducer producer =
        new SimulatedProducer(
            time,
            wire,
            settings,
            dice.split(),
            () -> callbacks.nextLong(LONGEST_CALLBACK_DELAY.toNanos()));
    Member member = new Member("p" + (everybody.size() + 1), producer);
    story.say("start %s", member.name);
    members.add(member);
    everybody.add(member);
    keepPutting(member);
  }

  private void keepPutting(Member member) {
    if (ended || member.closing) {
      return;
    }
    int burst = 1 + dice.nextInt(10);
    for (int i = 0; i < burst; i++) {
      putOne(member);
    }
    if (dice.nextInt(20) == 0) {
      flush(member);
    }
    long held = member.producer.heldBytes();
    if (held > settings.bufferBytes() + OVERDRAFT_BYTES) {
      throw new BrokenPromise("%s holds %d bytes", member.name, held);
    }
    time.after(dice.nextLong(150_000_000), () -> keepPutting(member));
  }

  private void putOne(Member member) {
    int user = dice.nextInt(KEYS);
    String key = member.name + "-user-" + user;
    long number = member.numbers.getOrDefault(key, 0L);
    byte[] data = ledger.payload(number, dice.nextInt(2 * payloadBytes));
    Optional<CompletableFuture<PutResult>> put =
        member.producer.tryPut(ProducerRun.STREAM, record(user, key, data));
    if (put.isPresent()) {
      member.numbers.put(key, number + 1);
      long id = ledger.accepted(data, key);
      var unused =
          put.get()
              .whenComplete(
                  (result, failure) ->
                      noting(
                          () ->
                              ledger.told(
                                  id, result, PutFailedException.in(failure).orElse(null))));
    }
  }

  private UserRecord record(int user, String key, byte[] data) {
    if (managed && user % 3 == 0) {
      return UserRecord.withoutKey(data);
    }
    UserRecord.Builder record = UserRecord.builder().partitionKey(key).data(data);
    if (user % 4 == 0) {
      record.explicitHashKey(HashKey.ofPartitionKey("explicit " + key));
    }
    if (user % 5 == 0) {
      record.header("trace", "of " + key);
    }
    return record.build();
  }

  private void flush(Member member) {
    Set<Long> before = ledger.unsettledOf(member.name + "-");
    var unused = member.producer.flush().thenRun(() -> noting(() -> ledger.checkFlushed(before)));
  }

  private void noting(Runnable check) {
    try {
      check.run();
    } catch (BrokenPromise e) {
      if (broken == null) {
        broken = e;
      }
    }
  }

  /** The process of some producer stands still for a while. */
  void suspendOne(long nanos) {
    if (!members.isEmpty()) {
      Member member = members.get(dice.nextInt(members.size()));
      story.say("suspend %s for %d ms", member.name, nanos / 1_000_000);
      member.producer.pause();
      time.after(nanos, member.producer::resume);
    }
  }

  /** Some producer is closed within a time, and another one comes. */
  void replaceOne(Duration drain) {
    if (members.isEmpty()) {
      return;
    }
    Member member = members.remove(dice.nextInt(members.size()));
    story.say("close %s within %s", member.name, drain);
    member.closing = true;
    member.producer.resume();
    var unused =
        member.producer.close(drain).thenAccept(unsent -> noting(() -> ledger.returned(unsent)));
    time.after(dice.nextLong(1_000_000_000), this::startMember);
  }
}
