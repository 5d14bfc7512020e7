package io.millrace.testkit.kinesis.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class SequenceFormatTest {
  private static final long STAMP = 1_767_225_600_000L;
  private final SequenceFormat format = new SequenceFormat(STAMP, 42, 7);

  @Property
  void placesComeBackAndOrderLikeTheirNumbers(
      @ForAll @LongRange(min = 0, max = 999_999_999_999_999_999L) long one,
      @ForAll @LongRange(min = 0, max = 999_999_999_999_999_999L) long other) {
    assertThat(format.parse(format.render(one))).isEqualTo(one);
    assertThat(new BigInteger(format.render(one)).compareTo(new BigInteger(format.render(other))))
        .isEqualTo(Long.compare(one, other));
    assertThat(format.render(one)).matches("49\\d{54}");
  }

  @Property
  void laterShardsHaveHigherNumbers(
      @ForAll @IntRange(min = 0) int index, @ForAll @IntRange(min = 0) int laterIndex) {
    String last = new SequenceFormat(STAMP, 42, index).render(999_999_999_999_999_999L);
    String first = new SequenceFormat(STAMP + 1, 42, laterIndex).render(0);

    assertThat(first).isGreaterThan(last);
  }

  @Test
  void numbersOfOthersAreTold() {
    assertThat(format.parse(new SequenceFormat(STAMP, 43, 7).render(5)))
        .isEqualTo(SequenceFormat.OTHER_STREAM);
    assertThat(format.parse(new SequenceFormat(STAMP, 42, 8).render(5)))
        .isEqualTo(SequenceFormat.OTHER_SHARD);
    assertThat(format.parse(new SequenceFormat(STAMP + 1, 42, 7).render(5)))
        .isEqualTo(SequenceFormat.MALFORMED);
    assertThat(format.parse("5")).isEqualTo(SequenceFormat.MALFORMED);
    assertThat(format.parse("4".repeat(56))).isEqualTo(SequenceFormat.OTHER_STREAM);
    String between = new BigInteger(format.render(5)).add(BigInteger.ONE).toString();
    assertThat(format.parse(between)).isEqualTo(SequenceFormat.MALFORMED);
  }
}
