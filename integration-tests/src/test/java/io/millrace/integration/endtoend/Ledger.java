package io.millrace.integration.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.handler.ReceivedRecord;
import io.millrace.integration.endpoint.TestStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Exact accounts of records that are numbered from 0: record n has the key {@code n mod keys}, so a
 * key's records are in order when their numbers rise by {@code keys}. Thread-safe.
 */
final class Ledger {
  private final int keys;
  private final int sizeBytes;
  private final BitSet put = new BitSet();
  private final BitSet delivered = new BitSet();
  private final List<String> failures = new ArrayList<>();
  private final Map<Integer, Integer> lastOfKey = new HashMap<>();
  private int duplicates;
  private int outOfOrder;

  /**
   * @param sizeBytes of each payload, at least 4
   */
  Ledger(int keys, int sizeBytes) {
    this.keys = keys;
    this.sizeBytes = sizeBytes;
  }

  String keyOf(int record) {
    return "key-" + record % keys;
  }

  /** The record's number, and the rest filled with bytes that follow from it. */
  byte[] payloadOf(int record) {
    ByteBuffer payload = ByteBuffer.allocate(sizeBytes).putInt(record);
    for (int i = Integer.BYTES; i < sizeBytes; i++) {
      payload.put((byte) (record + i));
    }
    return payload.array();
  }

  synchronized void stored(int record) {
    if (put.get(record)) {
      failures.add("record " + record + " has two outcomes");
    }
    put.set(record);
  }

  synchronized void failed(int record, Throwable failure) {
    failures.add("record " + record + ": " + failure);
  }

  /** What a handler does with each record. */
  synchronized void deliver(ReceivedRecord received) {
    ByteBuffer data = received.data();
    int record = data.getInt();
    if (received.sizeBytes() != sizeBytes || !received.partitionKey().equals(keyOf(record))) {
      failures.add("record " + record + " has another size or key than it was put with");
    }
    for (int i = Integer.BYTES; i < sizeBytes; i++) {
      if (data.get() != (byte) (record + i)) {
        failures.add("record " + record + " differs at byte " + i);
        break;
      }
    }
    if (delivered.get(record)) {
      duplicates++;
    } else if (record - lastOfKey.getOrDefault(record % keys, record % keys - keys) != keys) {
      outOfOrder++;
    }
    delivered.set(record);
    lastOfKey.merge(record % keys, record, Math::max);
  }

  synchronized int deliveredCount() {
    return delivered.cardinality();
  }

  /** Records whose put has an outcome. */
  synchronized int settledCount() {
    return put.cardinality() + failures.size();
  }

  synchronized int duplicates() {
    return duplicates;
  }

  void awaitDelivered(int count, Duration limit) {
    try {
      TestStream.await(count + " records delivered", limit, () -> deliveredCount() >= count);
    } catch (AssertionError e) {
      throw new AssertionError(e.getMessage() + ": " + this, e);
    }
  }

  /** Every record was stored, was delivered, and the first deliveries were in order per key. */
  synchronized void assertComplete(int records) {
    assertThat(failures).isEmpty();
    assertThat(put.cardinality()).as("stored").isEqualTo(records);
    assertThat(delivered.cardinality()).as("delivered").isEqualTo(records);
    assertThat(outOfOrder).as("out of order").isZero();
  }

  /** The same, where the producer keeps no order. */
  synchronized void assertCompleteInAnyOrder(int records) {
    assertThat(failures).isEmpty();
    assertThat(put.cardinality()).as("stored").isEqualTo(records);
    assertThat(delivered.cardinality()).as("delivered").isEqualTo(records);
  }

  @Override
  public synchronized String toString() {
    return "stored "
        + put.cardinality()
        + ", delivered "
        + delivered.cardinality()
        + ", duplicates "
        + duplicates
        + ", out of order "
        + outOfOrder
        + ", failures "
        + failures.size()
        + (failures.isEmpty() ? "" : " such as " + failures.get(0));
  }
}
