package io.millrace.model;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A range of hash keys, both ends included, as a shard owns it.
 *
 * <p>Immutable.
 *
 * @param start the lowest hash key of the range
 * @param end the highest hash key of the range, at least {@code start}
 */
public record HashRange(HashKey start, HashKey end) {
  private static final long LIMB_MASK = 0xFFFF_FFFFL;

  /** All hash keys: what the open shards of a stream cover together. */
  public static final HashRange FULL = new HashRange(HashKey.MIN, HashKey.MAX);

  /**
   * Checks the ends.
   *
   * @throws IllegalArgumentException if the end is below the start
   */
  public HashRange {
    if (end.compareTo(start) < 0) {
      throw new IllegalArgumentException(
          "hash range ends at " + end + ", below its start " + start);
    }
  }

  /**
   * Reads the ends as the service writes them.
   *
   * @throws IllegalArgumentException if an end is not a decimal hash key, or the end is below the
   *     start
   */
  public static HashRange parse(String start, String end) {
    return new HashRange(HashKey.parse(start), HashKey.parse(end));
  }

  /** Whether the key lies inside, ends included. */
  public boolean contains(HashKey key) {
    return key.compareTo(start) >= 0 && key.compareTo(end) <= 0;
  }

  /** Whether every key of the other range lies inside. */
  public boolean contains(HashRange other) {
    return contains(other.start) && contains(other.end);
  }

  /** Whether the two ranges share a key. */
  public boolean overlaps(HashRange other) {
    return start.compareTo(other.end) <= 0 && other.start.compareTo(end) <= 0;
  }

  /** Whether one range begins right after the other's end: only such shards can be merged. */
  public boolean isAdjacentTo(HashRange other) {
    return endsRightBefore(other) || other.endsRightBefore(this);
  }

  /**
   * The range that both make together.
   *
   * @throws IllegalArgumentException if the ranges are not adjacent
   */
  public HashRange merge(HashRange adjacent) {
    if (endsRightBefore(adjacent)) {
      return new HashRange(start, adjacent.end);
    }
    if (adjacent.endsRightBefore(this)) {
      return new HashRange(adjacent.start, end);
    }
    throw new IllegalArgumentException(
        "hash ranges " + this + " and " + adjacent + " don't adjoin");
  }

  /**
   * The key that cuts this range into halves: the start of the upper one, as SplitShard wants it.
   * Where the number of keys is odd the upper half is the larger one.
   *
   * @return empty if the range holds a single key and can't be split
   */
  public Optional<HashKey> splitPoint() {
    HashKey width = end.minus(start);
    if (width.equals(HashKey.MIN)) {
      return Optional.empty();
    }
    // (width + 1) / 2 without overflow: half the width, and one more where the width is odd.
    HashKey half = new HashKey(width.high() >>> 1, width.high() << 63 | width.low() >>> 1);
    return Optional.of(start.plus(half.high(), half.low()).plus(0, width.low() & 1));
  }

  /**
   * Cuts the range in two, as SplitShard does.
   *
   * @param newStart the first key of the upper part
   * @return the lower and the upper part
   * @throws IllegalArgumentException if {@code newStart} is not above this range's start and at
   *     most its end
   */
  public List<HashRange> splitAt(HashKey newStart) {
    if (newStart.compareTo(start) <= 0 || newStart.compareTo(end) > 0) {
      throw new IllegalArgumentException(
          "split point " + newStart + " is not above the start and up to the end of " + this);
    }
    return List.of(new HashRange(start, newStart.previous()), new HashRange(newStart, end));
  }

  /**
   * Cuts the range into {@code count} parts of equal width, in ascending order; the last one also
   * takes the remainder. A stream's shards are laid out like this when it is created.
   *
   * @throws IllegalArgumentException if {@code count} is below 1 or above the number of keys
   */
  public List<HashRange> partition(int count) {
    HashKey width = end.minus(start);
    if (count < 1 || (width.high() == 0 && Long.compareUnsigned(width.low(), count - 1L) < 0)) {
      throw new IllegalArgumentException(
          "count " + count + ": it must be at least 1 and at most the keys in " + this);
    }
    HashKey step = stepOf(width, count);
    List<HashRange> parts = new ArrayList<>(count);
    HashKey partStart = start;
    for (int i = 1; i < count; i++) {
      HashKey nextStart = partStart.plus(step.high(), step.low());
      parts.add(new HashRange(partStart, nextStart.previous()));
      partStart = nextStart;
    }
    parts.add(new HashRange(partStart, end));
    return List.copyOf(parts);
  }

  /**
   * The parts of {@link #FULL} that none of the given ranges covers, in ascending order. Overlaps
   * are no gaps.
   */
  public static List<HashRange> gaps(Collection<HashRange> ranges) {
    List<HashRange> gaps = new ArrayList<>();
    HashKey expected = HashKey.MIN;
    for (HashRange range : sorted(ranges)) {
      if (range.start.compareTo(expected) > 0) {
        gaps.add(new HashRange(expected, range.start.previous()));
      }
      if (range.end.equals(HashKey.MAX)) {
        return List.copyOf(gaps);
      }
      if (range.end.compareTo(expected) >= 0) {
        expected = range.end.next();
      }
    }
    gaps.add(new HashRange(expected, HashKey.MAX));
    return List.copyOf(gaps);
  }

  /** Whether the given ranges cover every hash key exactly once: no gap and no overlap. */
  public static boolean isComplete(Collection<HashRange> ranges) {
    @Nullable HashRange previous = null;
    for (HashRange range : sorted(ranges)) {
      boolean follows =
          previous == null ? range.start.equals(HashKey.MIN) : previous.endsRightBefore(range);
      if (!follows) {
        return false;
      }
      previous = range;
    }
    return previous != null && previous.end.equals(HashKey.MAX);
  }

  /** The two ends, as {@code [start, end]}. */
  @Override
  public String toString() {
    return "[" + start + ", " + end + "]";
  }

  private static List<HashRange> sorted(Collection<HashRange> ranges) {
    return ranges.stream().sorted(Comparator.comparing(HashRange::start)).toList();
  }

  private boolean endsRightBefore(HashRange other) {
    return !end.equals(HashKey.MAX) && end.next().equals(other.start);
  }

  /** Divides {@code width + 1} by {@code count}: the number of keys itself may not fit. */
  private static HashKey stepOf(HashKey width, int count) {
    long[] limbs = {
      width.high() >>> 32, width.high() & LIMB_MASK, width.low() >>> 32, width.low() & LIMB_MASK
    };
    long remainder = 0;
    for (int i = 0; i < limbs.length; i++) {
      long dividend = remainder << 32 | limbs[i];
      limbs[i] = dividend / count;
      remainder = dividend % count;
    }
    HashKey quotient = new HashKey(limbs[0] << 32 | limbs[1], limbs[2] << 32 | limbs[3]);
    return remainder == count - 1 ? quotient.plus(0, 1) : quotient;
  }
}
