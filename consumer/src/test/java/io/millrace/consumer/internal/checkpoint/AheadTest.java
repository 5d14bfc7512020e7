package io.millrace.consumer.internal.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.model.Position;
import io.millrace.model.SequenceNumber;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** What is written beside a checkpoint never hides a record that was not acknowledged. */
class AheadTest {
  private static SequenceNumber sequence(long n) {
    return SequenceNumber.of("4959" + String.format("%020d", n * 7_919));
  }

  private static Acknowledgements.Entry entry(long n, int members) {
    return new Acknowledgements.Entry(sequence(n), members, 0, 1, Instant.EPOCH);
  }

  /** Which members an owner that begins at the watermark need not deliver. */
  private static List<BitSet> readBack(
      byte[] bytes, Position mark, List<Acknowledgements.Entry> entries, int[] members) {
    Ahead ahead = Ahead.of(bytes, mark);
    List<BitSet> done = new ArrayList<>();
    for (int i = 0; i < members.length; i++) {
      int order = entries.get(i).sequenceNumber().compareTo(mark.sequenceNumber());
      BitSet bits = new BitSet();
      if (order == 0) {
        bits.or(ahead.inHead(entries.get(i).sequenceNumber()));
        bits.set(0, (int) mark.subSequenceNumber() + 1);
      } else if (order > 0) {
        bits.or(ahead.next(entries.get(i).sequenceNumber(), members[i]));
      } else {
        bits.set(0, members[i]);
      }
      done.add(bits);
    }
    return done;
  }

  @Property(tries = 500)
  void nothingIsHiddenAndWithRoomEverythingIsRemembered(@ForAll long seed) {
    SplittableRandom dice = new SplittableRandom(seed);
    int count = 1 + dice.nextInt(40);
    int[] members = new int[count];
    List<Acknowledgements.Entry> entries = new ArrayList<>();
    List<BitSet> truth = new ArrayList<>();
    Acknowledgements acknowledgements = new Acknowledgements();
    int share = dice.nextInt(101);
    for (int i = 0; i < count; i++) {
      members[i] = dice.nextInt(4) == 0 ? 1 + dice.nextInt(300) : 1;
      entries.add(entry(i, members[i]));
      acknowledgements.add(entries.get(i));
      truth.add(new BitSet());
    }
    for (int i = 0; i < count; i++) {
      for (int member = 0; member < members[i]; member++) {
        if ((i == 0 && member == 0) || dice.nextInt(100) < share) {
          acknowledgements.acknowledge(entries.get(i), member);
          truth.get(i).set(member);
        }
      }
    }
    Position mark = acknowledgements.watermark().orElseThrow();

    byte[] bounded = acknowledgements.ahead(64);
    assertThat(bounded.length).isLessThanOrEqualTo(64);
    List<BitSet> remembered = readBack(bounded, mark, entries, members);
    for (int i = 0; i < count; i++) {
      BitSet hidden = (BitSet) remembered.get(i).clone();
      hidden.andNot(truth.get(i));
      assertThat(hidden.isEmpty()).as("hides %s of record %d", hidden, i).isTrue();
    }
    assertThat(readBack(acknowledgements.ahead(1 << 20), mark, entries, members)).isEqualTo(truth);
  }

  @Property(tries = 500)
  void nonsenseIsForgottenAndNeverThrows(@ForAll byte[] nonsense, @ForAll long seed) {
    SplittableRandom dice = new SplittableRandom(seed);
    Position mark = new Position(sequence(0), 0);
    int check = AheadEncoder.check(mark.sequenceNumber());
    byte[] bytes = new byte[nonsense.length + 2];
    bytes[0] = (byte) (check >>> 8);
    bytes[1] = (byte) check;
    System.arraycopy(nonsense, 0, bytes, 2, nonsense.length);
    Ahead ahead = Ahead.of(bytes, mark);
    assertThat(ahead.inHead(sequence(0))).isNotNull();
    for (int i = 1; i < 20; i++) {
      int count = 1 + dice.nextInt(10);
      assertThat(ahead.next(sequence(i), count).length()).isLessThanOrEqualTo(count);
    }
  }

  private static byte[] someAhead() {
    Acknowledgements acknowledgements = new Acknowledgements();
    for (int i = 0; i < 4; i++) {
      Acknowledgements.Entry entry = entry(i, 1);
      acknowledgements.add(entry);
      if (i != 1) {
        acknowledgements.acknowledge(entry, 0);
      }
    }
    return acknowledgements.ahead(64);
  }

  @Test
  void runBehindAGapIsRemembered() {
    Ahead ahead = Ahead.of(someAhead(), new Position(sequence(0), 0));
    assertThat(ahead.inHead(sequence(0)).isEmpty()).isTrue();
    assertThat(ahead.next(sequence(1), 1).get(0)).isFalse();
    assertThat(ahead.next(sequence(2), 1).get(0)).isTrue();
    assertThat(ahead.next(sequence(3), 1).get(0)).isTrue();
    assertThat(ahead.next(sequence(4), 1).get(0)).isFalse();
    assertThat(ahead.isEmpty()).isTrue();
  }

  @Test
  void otherCheckpointMakesItForgotten() {
    assertThat(Ahead.of(someAhead(), new Position(sequence(2), 0)).isEmpty()).isTrue();
    assertThat(Ahead.of(new byte[0], new Position(sequence(0), 0)).isEmpty()).isTrue();
  }

  @Test
  void goneCheckpointRecordMakesItForgotten() {
    Ahead ahead = Ahead.of(someAhead(), new Position(sequence(0), 0));
    assertThat(ahead.next(sequence(1), 1).isEmpty()).isTrue();
    assertThat(ahead.next(sequence(2), 1).isEmpty()).isTrue();
    assertThat(ahead.isEmpty()).isTrue();
  }

  @Test
  void recordsThatAreNotTheOnesCountedAreDelivered() {
    Ahead ahead = Ahead.of(someAhead(), new Position(sequence(0), 0));
    ahead.inHead(sequence(0));
    assertThat(ahead.next(sequence(2), 1).isEmpty()).as("record 1 is missing").isTrue();
    assertThat(ahead.next(sequence(3), 1).isEmpty()).isTrue();
    assertThat(ahead.isEmpty()).isTrue();
  }

  @Test
  void nothingAheadIsNoBytes() {
    Acknowledgements acknowledgements = new Acknowledgements();
    assertThat(acknowledgements.ahead(64)).as("no watermark").isEmpty();
    Acknowledgements.Entry first = entry(0, 1);
    acknowledgements.add(first);
    acknowledgements.add(entry(1, 1));
    acknowledgements.acknowledge(first, 0);
    assertThat(acknowledgements.ahead(64)).isEmpty();
  }
}
