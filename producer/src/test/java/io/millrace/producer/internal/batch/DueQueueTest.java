package io.millrace.producer.internal.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class DueQueueTest {
  private static final class Thing extends DueQueue.Item {}

  @Property(tries = 200)
  void givesItemsInTheOrderInWhichTheyAreDueAfterAnyMoves(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    // The times cross the wrap.
    long base = Long.MAX_VALUE - 500;
    DueQueue<Thing> queue = new DueQueue<>();
    List<Thing> things = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      things.add(new Thing());
    }
    for (int i = 0; i < 400; i++) {
      Thing thing = things.get(random.nextInt(things.size()));
      if (random.nextInt(4) == 0) {
        queue.remove(thing);
        assertThat(thing.isQueued()).isFalse();
      } else {
        queue.put(thing, base + random.nextInt(1_000));
        assertThat(thing.isQueued()).isTrue();
      }
    }
    List<Thing> expected =
        new ArrayList<>(things.stream().filter(DueQueue.Item::isQueued).toList());
    assertThat(queue.size()).isEqualTo(expected.size());
    expected.sort(Comparator.comparingLong(thing -> thing.dueNanos() - base));
    for (Thing thing : expected) {
      Thing first = queue.peek();
      assertThat(first.dueNanos()).isEqualTo(thing.dueNanos());
      queue.remove(first);
    }
    assertThat(queue.isEmpty()).isTrue();
    assertThat(queue.peek()).isNull();
  }
}
