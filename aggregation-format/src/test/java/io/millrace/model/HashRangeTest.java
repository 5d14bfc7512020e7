package io.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class HashRangeTest {
  private static final HashRange SINGLE = new HashRange(new HashKey(0, 5), new HashKey(0, 5));

  @Test
  void anEndBelowTheStartIsRefused() {
    assertThatThrownBy(() -> HashRange.parse("6", "5"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("ends at 5, below its start 6");
  }

  @Property
  boolean containsIsTheOrderOfBigIntegers(@ForAll("range") HashRange range, @ForAll long high) {
    HashKey key = new HashKey(high, 7);
    boolean expected =
        big(key).compareTo(big(range.start())) >= 0 && big(key).compareTo(big(range.end())) <= 0;
    return range.contains(key) == expected
        && range.contains(range.start())
        && range.contains(range.end())
        && HashRange.FULL.contains(range)
        && range.contains(range);
  }

  @Property
  boolean splitPointHalvesTheRange(@ForAll("range") HashRange range) {
    if (range.splitPoint().isEmpty()) {
      return range.start().equals(range.end());
    }
    List<HashRange> halves = range.splitAt(range.splitPoint().orElseThrow());
    BigInteger difference = width(halves.get(1)).subtract(width(halves.get(0)));
    return halves.get(0).start().equals(range.start())
        && halves.get(1).end().equals(range.end())
        && halves.get(0).isAdjacentTo(halves.get(1))
        && halves.get(0).merge(halves.get(1)).equals(range)
        && halves.get(1).merge(halves.get(0)).equals(range)
        && difference.signum() >= 0
        && difference.compareTo(BigInteger.ONE) <= 0;
  }

  @Test
  void theFullRangeSplitsWhereTheServiceSplitsIt() {
    assertThat(HashRange.FULL.splitPoint())
        .contains(HashKey.parse("170141183460469231731687303715884105728"));
  }

  @Test
  void aSingleKeyCannotBeSplit() {
    assertThat(SINGLE.splitPoint()).isEmpty();
    assertThatThrownBy(() -> SINGLE.splitAt(new HashKey(0, 5)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aSplitPointMustLieAboveTheStartAndUpToTheEnd() {
    HashRange range = HashRange.parse("10", "20");
    assertThat(range.splitAt(new HashKey(0, 11)))
        .containsExactly(HashRange.parse("10", "10"), HashRange.parse("11", "20"));
    assertThat(range.splitAt(new HashKey(0, 20)).get(1)).isEqualTo(HashRange.parse("20", "20"));
    for (long outside : new long[] {9, 10, 21}) {
      assertThatThrownBy(() -> range.splitAt(new HashKey(0, outside)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("split point " + outside);
    }
  }

  @Test
  void partsOfTheFullRangeAreThoseOfANewStream() {
    assertThat(HashRange.FULL.partition(1)).containsExactly(HashRange.FULL);
    assertThat(HashRange.FULL.partition(3).stream().map(HashRange::start).map(HashKey::toString))
        .containsExactly(
            "0",
            "113427455640312821154458202477256070485",
            "226854911280625642308916404954512140970");
    assertThat(HashRange.FULL.partition(5).get(4).start())
        .hasToString("272225893536750770770699685945414569164");
  }

  @Property
  boolean partsAreEqualAndCoverTheRange(
      @ForAll("range") HashRange range, @ForAll @IntRange(min = 1, max = 2000) int count) {
    BigInteger keys = width(range).add(BigInteger.ONE);
    if (keys.compareTo(BigInteger.valueOf(count)) < 0) {
      return true;
    }
    List<HashRange> parts = range.partition(count);
    BigInteger step = keys.divide(BigInteger.valueOf(count));
    HashRange joined = parts.get(0);
    for (int i = 0; i < count - 1; i++) {
      if (!width(parts.get(i)).add(BigInteger.ONE).equals(step)) {
        return false;
      }
      joined = joined.merge(parts.get(i + 1));
    }
    return parts.size() == count && joined.equals(range);
  }

  @Test
  void morePartsThanKeysAreRefused() {
    HashRange ten = HashRange.parse("1", "10");
    assertThat(ten.partition(10)).hasSize(10);
    assertThatThrownBy(() -> ten.partition(11)).hasMessageContaining("count 11");
    assertThatThrownBy(() -> ten.partition(0)).hasMessageContaining("count 0");
    assertThatThrownBy(() -> HashRange.FULL.partition(-1)).hasMessageContaining("count -1");
  }

  @Test
  void rangesAtTheEndsOfTheRingDoNotAdjoin() {
    HashRange first = HashRange.parse("0", "9");
    HashRange last = new HashRange(HashKey.MAX, HashKey.MAX);
    assertThat(first.isAdjacentTo(last)).isFalse();
    assertThat(last.isAdjacentTo(first)).isFalse();
    assertThat(first.isAdjacentTo(first)).isFalse();
    assertThatThrownBy(() -> first.merge(last)).hasMessageContaining("adjoin");
  }

  @Test
  void overlapIsSharingAKey() {
    HashRange range = HashRange.parse("10", "20");
    assertThat(range.overlaps(HashRange.parse("20", "30"))).isTrue();
    assertThat(range.overlaps(HashRange.parse("0", "10"))).isTrue();
    assertThat(range.overlaps(HashRange.parse("12", "13"))).isTrue();
    assertThat(range.overlaps(HashRange.parse("21", "30"))).isFalse();
    assertThat(range.overlaps(HashRange.parse("0", "9"))).isFalse();
  }

  @Property
  boolean aPartitionIsCompleteInAnyOrderAndNotWithoutOneOfItsParts(
      @ForAll @IntRange(min = 2, max = 50) int count, @ForAll long seed) {
    List<HashRange> parts = new ArrayList<>(HashRange.FULL.partition(count));
    Collections.shuffle(parts, new Random(seed));
    boolean complete = HashRange.isComplete(parts) && HashRange.gaps(parts).isEmpty();
    HashRange missing = parts.remove(0);
    return complete
        && !HashRange.isComplete(parts)
        && HashRange.gaps(parts).equals(List.of(missing));
  }

  @Test
  void overlapsAreNotCompleteButLeaveNoGap() {
    HashRange left = new HashRange(HashKey.MIN, new HashKey(8, 0));
    HashRange right = new HashRange(new HashKey(8, 0), HashKey.MAX);
    assertThat(HashRange.isComplete(List.of(left, right))).isFalse();
    assertThat(HashRange.gaps(List.of(left, right))).isEmpty();
    assertThat(HashRange.gaps(List.of(HashRange.FULL, left))).isEmpty();
    assertThat(HashRange.isComplete(List.of())).isFalse();
    assertThat(HashRange.gaps(List.of())).containsExactly(HashRange.FULL);
  }

  @Property
  boolean gapsFillTheRestOfTheRing(@ForAll("range") HashRange range) {
    List<HashRange> all = new ArrayList<>(HashRange.gaps(List.of(range)));
    all.add(range);
    return HashRange.isComplete(all);
  }

  @Property
  boolean gapsBetweenManyRangesAreDisjointFromThem(@ForAll("ranges") List<HashRange> ranges) {
    List<HashRange> gaps = HashRange.gaps(ranges);
    List<HashRange> all = new ArrayList<>(ranges);
    all.addAll(gaps);
    boolean disjoint =
        gaps.stream().noneMatch(gap -> ranges.stream().anyMatch(range -> range.overlaps(gap)));
    return disjoint && HashRange.gaps(all).isEmpty();
  }

  @Provide
  Arbitrary<HashRange> range() {
    Arbitrary<HashKey> key =
        Arbitraries.oneOf(
            Arbitraries.longs().tuple2().map(pair -> new HashKey(pair.get1(), pair.get2())),
            Arbitraries.longs().between(0, 50).map(low -> new HashKey(0, low)),
            Arbitraries.of(HashKey.MIN, HashKey.MAX));
    return key.tuple2()
        .map(
            pair ->
                pair.get1().compareTo(pair.get2()) <= 0
                    ? new HashRange(pair.get1(), pair.get2())
                    : new HashRange(pair.get2(), pair.get1()));
  }

  @Provide
  Arbitrary<List<HashRange>> ranges() {
    return range().list().ofMaxSize(8);
  }

  private static BigInteger width(HashRange range) {
    return big(range.end()).subtract(big(range.start()));
  }

  private static BigInteger big(HashKey key) {
    return new BigInteger(key.toString());
  }
}
