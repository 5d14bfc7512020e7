package io.millrace.consumer.internal.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.consumer.internal.testing.TestRecords;
import io.millrace.model.Position;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class AcknowledgementsTest {
  private final Acknowledgements acknowledgements = new Acknowledgements();

  private Acknowledgements.Entry add(int number, int members) {
    return add(number, members, 0);
  }

  private Acknowledgements.Entry add(int number, int members, int first) {
    Acknowledgements.Entry entry =
        new Acknowledgements.Entry(
            TestRecords.sequence(number), members, first, 100, Instant.ofEpochSecond(number));
    acknowledgements.add(entry);
    return entry;
  }

  private static Position at(int number, int member) {
    return new Position(TestRecords.sequence(number), member);
  }

  @Test
  void watermarkStopsAtTheFirstGap() {
    Acknowledgements.Entry one = add(1, 3);
    acknowledgements.acknowledge(one, 0);
    acknowledgements.acknowledge(one, 2);
    assertThat(acknowledgements.watermark()).contains(at(1, 0));
    acknowledgements.acknowledge(one, 1);
    assertThat(acknowledgements.watermark()).contains(at(1, 2));
  }

  @Test
  void laterRecordsCountOnceTheGapIsClosed() {
    Acknowledgements.Entry one = add(1, 1);
    Acknowledgements.Entry two = add(2, 2);
    acknowledgements.acknowledge(two, 0);
    acknowledgements.acknowledge(two, 1);
    assertThat(acknowledgements.watermark()).isEmpty();
    assertThat(acknowledgements.releasedBytes()).isEqualTo(100);
    acknowledgements.acknowledge(one, 0);
    assertThat(acknowledgements.watermark()).contains(at(2, 1));
    assertThat(acknowledgements.spanRecords()).isZero();
  }

  @Test
  void watermarkInsideTheHeadShowsItsArrival() {
    Acknowledgements.Entry one = add(1, 2);
    acknowledgements.acknowledge(one, 0);
    assertThat(acknowledgements.watermarkArrival()).contains(Instant.ofEpochSecond(1));
    assertThat(acknowledgements.oldestArrival()).contains(Instant.ofEpochSecond(1));
  }

  @Test
  void membersBeforeTheStartCountAsAcknowledged() {
    Acknowledgements.Entry one = add(1, 4, 2);
    assertThat(acknowledgements.watermark()).contains(at(1, 1));
    assertThat(acknowledgements.unacknowledgedRecords()).isEqualTo(2);
    acknowledgements.acknowledge(one, 2);
    acknowledgements.acknowledge(one, 3);
    assertThat(acknowledgements.watermark()).contains(at(1, 3));
    assertThat(acknowledgements.acknowledgedRecords()).isEqualTo(2);
  }

  @Test
  void wholeDroppedAndEmptyRecordsPassAtOnce() {
    add(1, 5, 5);
    add(2, 0);
    assertThat(acknowledgements.watermark()).contains(at(2, 0));
    assertThat(acknowledgements.releasedBytes()).isEqualTo(200);
  }

  @Test
  void acknowledgingTwiceIsADefect() {
    Acknowledgements.Entry one = add(1, 3);
    acknowledgements.acknowledge(one, 0);
    acknowledgements.acknowledge(one, 2);
    assertThatThrownBy(() -> acknowledgements.acknowledge(one, 0))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> acknowledgements.acknowledge(one, 2))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> acknowledgements.acknowledge(one, 3))
        .isInstanceOf(IllegalStateException.class);
  }

  /** Against the plainest model: a list of positions, and which of them are done. */
  @Property
  void watermarkIsTheLongestDonePrefixInAnyOrderOfAcknowledgements(
      @ForAll @Size(min = 1, max = 12) List<@IntRange(max = 6) Integer> sizes, @ForAll long seed) {
    Acknowledgements tracked = new Acknowledgements();
    List<Acknowledgements.Entry> entries = new ArrayList<>();
    List<int[]> order = new ArrayList<>();
    for (int i = 0; i < sizes.size(); i++) {
      Acknowledgements.Entry entry =
          new Acknowledgements.Entry(
              TestRecords.sequence(i), sizes.get(i), 0, 10, Instant.ofEpochSecond(i));
      entries.add(entry);
      tracked.add(entry);
      for (int member = 0; member < sizes.get(i); member++) {
        order.add(new int[] {i, member});
      }
    }
    List<int[]> model = List.copyOf(order);
    Collections.shuffle(order, new Random(seed));
    boolean[][] done = new boolean[sizes.size()][6];
    for (int[] next : order) {
      tracked.acknowledge(entries.get(next[0]), next[1]);
      done[next[0]][next[1]] = true;
      assertThat(tracked.watermark()).isEqualTo(expected(sizes, model, done));
    }
    assertThat(tracked.unacknowledgedRecords()).isZero();
    assertThat(tracked.releasedBytes()).isEqualTo(10L * sizes.size());
    assertThat(tracked.spanRecords()).isZero();
  }

  private static Optional<Position> expected(
      List<Integer> sizes, List<int[]> model, boolean[][] done) {
    Optional<Position> mark = Optional.empty();
    for (int i = 0; i < sizes.size(); i++) {
      if (sizes.get(i) == 0) {
        mark = Optional.of(at(i, 0));
      }
      for (int member = 0; member < sizes.get(i); member++) {
        if (!done[i][member]) {
          return mark;
        }
        mark = Optional.of(at(i, member));
      }
    }
    assertThat(model).isNotNull();
    return mark;
  }
}
