package io.millrace.consumer.internal.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.aggregation.KeyHashMemory;
import io.millrace.consumer.failure.CorruptAggregates;
import io.millrace.consumer.internal.checkpoint.Ahead;
import io.millrace.consumer.internal.testing.TestRecords;
import io.millrace.consumer.lease.FencingToken;
import io.millrace.model.ShardId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class DeliveryOrderTest {
  private static final DeliveryOrder.Unit SINGLE = new DeliveryOrder.Unit(false, 1, Long.MAX_VALUE);

  private static List<DeliveredRecord> records(String... keys) {
    RecordOpener opener =
        new RecordOpener(
            new DeliveredRecord.Origin("s", new ShardId("s-0"), new FencingToken(1, 1)),
            Optional.empty(),
            new KeyHashMemory(),
            CorruptAggregates.TO_DESTINATION,
            Optional.empty(),
            Ahead.none(),
            DeliveryMeters.NONE);
    for (int i = 0; i < keys.length; i++) {
      opener.pull(
          keys[i].equals("!")
              ? TestRecords.corrupt(i)
              : TestRecords.plain(i, keys[i], keys[i] + i));
    }
    return opener.open(keys.length).records();
  }

  private static List<String> texts(Work work) {
    return work.part().stream().map(record -> TestRecords.text(record.data())).toList();
  }

  private static void addAll(DeliveryOrder order, String... keys) {
    records(keys).forEach(order::add);
  }

  @Test
  void keyThatIsBusyHoldsItsLaterRecordsBackAndNoOther() {
    DeliveryOrder order = new DeliveryOrder.KeyOrdered(SINGLE);
    addAll(order, "a", "a", "b", "a");
    Work first = order.poll();
    Work second = order.poll();
    assertThat(texts(first)).containsExactly("a0");
    assertThat(texts(second)).containsExactly("b2");
    assertThat(order.poll()).isNull();
    order.done(first);
    Work third = order.poll();
    assertThat(texts(third)).containsExactly("a1");
    assertThat(order.poll()).isNull();
    order.done(third);
    assertThat(texts(order.poll())).containsExactly("a3");
  }

  @Test
  void batchesTakeSeveralRecordsOfAFreeKeyInOrder() {
    DeliveryOrder order =
        new DeliveryOrder.KeyOrdered(new DeliveryOrder.Unit(true, 3, Long.MAX_VALUE));
    addAll(order, "a", "b", "a", "a", "c", "b");
    Work first = order.poll();
    assertThat(texts(first)).containsExactly("a0", "b1", "a2");
    Work second = order.poll();
    assertThat(texts(second)).containsExactly("c4");
    order.done(first);
    assertThat(texts(order.poll())).containsExactly("a3", "b5");
  }

  @Test
  void shardOrderHandsOutOneWorkAtATime() {
    DeliveryOrder order =
        new DeliveryOrder.ShardOrder(new DeliveryOrder.Unit(true, 2, Long.MAX_VALUE));
    addAll(order, "a", "b", "c");
    Work first = order.poll();
    assertThat(texts(first)).containsExactly("a0", "b1");
    assertThat(order.hasReady()).isFalse();
    assertThat(order.poll()).isNull();
    order.done(first);
    assertThat(texts(order.poll())).containsExactly("c2");
  }

  @Test
  void noOrderHandsEverythingOut() {
    DeliveryOrder order = new DeliveryOrder.NoOrder(SINGLE);
    addAll(order, "a", "a", "a");
    assertThat(order.poll()).isNotNull();
    assertThat(order.poll()).isNotNull();
    assertThat(order.poll()).isNotNull();
    assertThat(order.poll()).isNull();
  }

  @Test
  void bytesLimitABatchButNeverASingleRecord() {
    DeliveryOrder order = new DeliveryOrder.ShardOrder(new DeliveryOrder.Unit(true, 10, 4));
    addAll(order, "long", "a", "b", "c");
    Work first = order.poll();
    assertThat(texts(first)).containsExactly("long0");
    order.done(first);
    assertThat(texts(order.poll())).containsExactly("a1", "b2");
  }

  @Test
  void corruptRecordStandsAlone() {
    for (DeliveryOrder order :
        List.of(
            new DeliveryOrder.ShardOrder(new DeliveryOrder.Unit(true, 10, Long.MAX_VALUE)),
            new DeliveryOrder.KeyOrdered(new DeliveryOrder.Unit(true, 10, Long.MAX_VALUE)))) {
      addAll(order, "x", "!", "y");
      List<Integer> sizes = new ArrayList<>();
      Work work = order.poll();
      while (work != null) {
        sizes.add(work.partSize());
        order.done(work);
        work = order.poll();
      }
      assertThat(sizes).containsExactly(1, 1, 1);
    }
  }

  /**
   * Any interleaving of taking and finishing: every record once, those of a key in order and never
   * two at a time.
   */
  @Property(tries = 300)
  void keysKeepTheirOrderInAnyInterleaving(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    boolean batch = random.nextBoolean();
    DeliveryOrder order =
        new DeliveryOrder.KeyOrdered(
            new DeliveryOrder.Unit(batch, batch ? 1 + random.nextInt(5) : 1, Long.MAX_VALUE));
    String[] keys = new String[60];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = "k" + random.nextInt(8);
    }
    List<DeliveredRecord> all = records(keys);
    Map<String, Integer> lastOfKey = new HashMap<>();
    Set<DeliveredRecord> delivered = new HashSet<>();
    List<Work> running = new ArrayList<>();
    int added = 0;
    while (delivered.size() < all.size()) {
      int choice = random.nextInt(3);
      if (choice == 0 && added < all.size()) {
        order.add(all.get(added++));
      } else if (choice == 1 && !running.isEmpty()) {
        order.done(running.remove(random.nextInt(running.size())));
      } else {
        Work work = order.poll();
        if (work != null) {
          Set<String> others = new HashSet<>();
          running.forEach(other -> others.addAll(other.keys()));
          assertThat(others).noneMatch(work.keys()::contains);
          for (DeliveredRecord record : work.part()) {
            assertThat(delivered.add(record)).isTrue();
            int index = all.indexOf(record);
            Integer before = lastOfKey.put(record.partitionKey(), index);
            assertThat(before == null || before < index).isTrue();
          }
          running.add(work);
        }
      }
    }
  }
}
