package io.millrace.integration.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.integration.endpoint.TestStream;
import io.millrace.interop.peer.Delivery;
import io.millrace.interop.peer.NumberedRecord;
import io.millrace.model.HashKey;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * Exact accounts of numbered records, whoever puts and whoever delivers them: keys, explicit hash
 * keys and bytes of each delivery are compared with what follows from its number. Thread-safe.
 */
final class Account {
  private static final int SHOWN = 20;

  private final BitSet stored = new BitSet();
  private final Map<Integer, String> places = new HashMap<>();
  private final BitSet delivered = new BitSet();
  private final Map<String, Integer> deliveries = new TreeMap<>();
  private final Map<String, Integer> duplicates = new TreeMap<>();
  private final Map<String, Delivery> first = new HashMap<>();
  private final Map<Integer, Integer> lastOfKey = new HashMap<>();
  private final List<String> failures = new ArrayList<>();
  private int outOfOrder;

  synchronized void stored(int number) {
    stored.set(number);
  }

  /** Stored, and where: for who looks for it. */
  synchronized void stored(int number, String place) {
    stored.set(number);
    places.put(number, place);
  }

  /** What another account has as stored was stored for this one's readers, too. */
  void storedAsIn(Account other) {
    for (Map.Entry<Integer, String> record : other.storedPlaces().entrySet()) {
      stored(record.getKey(), record.getValue());
    }
  }

  private synchronized Map<Integer, String> storedPlaces() {
    Map<Integer, String> copy = new TreeMap<>();
    stored.stream().forEach(number -> copy.put(number, placeOf(number)));
    return copy;
  }

  private String placeOf(int number) {
    return places.getOrDefault(number, "an unknown place");
  }

  synchronized void failed(int number, String why) {
    failures.add("record " + number + " was not stored: " + why);
  }

  /** Takes the lines of a program that tell of records; all other lines are not its own. */
  Predicate<String> of(String name) {
    return line -> {
      Optional<Delivery> delivery = Delivery.parse(line);
      delivery.ifPresent(it -> deliver(name, it));
      return delivery.isPresent() || isOutcome(name, line);
    };
  }

  private boolean isOutcome(String writer, String line) {
    String[] words = line.split("\t", -1);
    if (words.length < 4 || !(words[0].equals("stored") || words[0].equals("failed"))) {
      return false;
    }
    if (words[0].equals("stored")) {
      stored(Integer.parseInt(words[1]), words[2] + " " + words[3] + " by " + writer);
    } else {
      failed(Integer.parseInt(words[1]), "by " + writer + ": " + words[2]);
    }
    return true;
  }

  synchronized void deliver(String reader, Delivery delivery) {
    int number = delivery.number();
    check(reader, delivery);
    deliveries.merge(reader, 1, Integer::sum);
    first.putIfAbsent(reader, delivery);
    if (delivered.get(number)) {
      duplicates.merge(reader, 1, Integer::sum);
      return;
    }
    delivered.set(number);
    int key = number % NumberedRecord.KEYS;
    Integer last = lastOfKey.get(key);
    if (last != null && last > number) {
      outOfOrder++;
    }
    lastOfKey.merge(key, number, Math::max);
  }

  /** The hash key that decides about a record's shard. */
  static HashKey hashKeyOf(NumberedRecord record) {
    return record
        .explicitHashKey()
        .map(explicit -> HashKey.parse(explicit.toString()))
        .orElseGet(() -> HashKey.ofPartitionKey(record.partitionKey()));
  }

  private void check(String reader, Delivery delivery) {
    NumberedRecord expected = NumberedRecord.of(delivery.number(), delivery.sizeBytes());
    // None where a reader can't tell; the Java aggregation library gives the hash of the key.
    String hashKey = delivery.explicitHashKey();
    boolean sameHashKey = hashKey.isEmpty() || hashKey.equals(hashKeyOf(expected).toString());
    if (!delivery.partitionKey().equals(expected.partitionKey())
        || !sameHashKey
        || !delivery.digest().equals(Delivery.digestOf(ByteBuffer.wrap(expected.payload())))) {
      failures.add(reader + " delivered something else than record " + delivery.number());
    }
  }

  synchronized int deliveredCount() {
    return delivered.cardinality();
  }

  /** How often a reader has delivered a record, repeated ones included. */
  synchronized int deliveriesOf(String reader) {
    return deliveries.getOrDefault(reader, 0);
  }

  /** The first record that a reader has delivered. */
  synchronized Optional<Delivery> firstOf(String reader) {
    return Optional.ofNullable(first.get(reader));
  }

  synchronized int duplicates() {
    return duplicates.values().stream().mapToInt(Integer::intValue).sum();
  }

  /** Records that have an outcome. */
  synchronized int settledCount() {
    return stored.cardinality() + failures.size();
  }

  void awaitDelivered(int count, Duration limit) {
    await(count + " records delivered", limit, () -> deliveredCount() >= count);
  }

  /** Waits until every record with a lower number is delivered, whatever else has been. */
  void awaitAllBelow(int number, Duration limit) {
    await("the first " + number + " records delivered", limit, () -> isDeliveredBelow(number));
  }

  private synchronized boolean isDeliveredBelow(int number) {
    return delivered.nextClearBit(0) >= number;
  }

  /** Waits; fails with what is missing. */
  void await(String what, Duration limit, BooleanSupplier condition) {
    try {
      TestStream.await(what, limit, condition);
    } catch (AssertionError e) {
      throw new AssertionError(e.getMessage() + ": " + this + missing(), e);
    }
  }

  /** Exactly the records from 0 to before this number were stored, and each was delivered. */
  synchronized void assertComplete(int records) {
    assertThat(failures).isEmpty();
    assertThat(stored.cardinality()).as("stored").isEqualTo(records);
    assertThat(lost()).as("lost: %s%s", this, missing()).isEqualTo(new BitSet());
    assertThat(delivered.cardinality()).as("delivered").isEqualTo(records);
  }

  /** The first deliveries of each key came in the order of their numbers. */
  synchronized void assertInOrder() {
    assertThat(outOfOrder).as("out of order").isZero();
  }

  private BitSet lost() {
    BitSet lost = (BitSet) stored.clone();
    lost.andNot(delivered);
    return lost;
  }

  /** The first of the missing records, a line each: number, hash key, and where it was stored. */
  private synchronized String missing() {
    StringBuilder lines = new StringBuilder();
    lost().stream()
        .limit(SHOWN)
        .forEach(
            number ->
                lines
                    .append("\n  missing: record ")
                    .append(number)
                    .append(", key ")
                    .append(number % NumberedRecord.KEYS)
                    .append(", hash key ")
                    .append(hashKeyOf(NumberedRecord.of(number, Integer.BYTES)))
                    .append(", at ")
                    .append(placeOf(number)));
    return lines.toString();
  }

  @Override
  public synchronized String toString() {
    BitSet lost = lost();
    return "stored "
        + stored.cardinality()
        + ", delivered "
        + delivered.cardinality()
        + " by "
        + deliveries
        + ", missing "
        + lost.cardinality()
        + (lost.isEmpty() ? "" : " from " + lost.nextSetBit(0))
        + ", duplicates "
        + duplicates
        + ", failures "
        + failures.size()
        + (failures.isEmpty() ? "" : " such as: " + failures.get(0));
  }
}
