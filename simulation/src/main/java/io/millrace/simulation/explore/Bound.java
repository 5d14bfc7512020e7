package io.millrace.simulation.explore;

import io.millrace.simulation.explore.Deviation.Group;
import io.millrace.simulation.explore.Deviation.Kind;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What an exploration covers: every placement of at most so many deviations of each group.
 *
 * @param workers how many workers there are; they start a quarter of a second apart
 * @param shards how many shards the stream has at first
 * @param kinds which deviations there are
 * @param each how many of each group there are in one run, at most
 * @param restart whether who dies comes back, under the same id
 */
record Bound(int workers, int shards, Set<Kind> kinds, Map<Group, Integer> each, boolean restart) {
  /** Two workers, one split, one crash, one lost reply. */
  static Bound small() {
    return new Bound(
        2,
        1,
        Set.of(Kind.SPLIT, Kind.DIES_BEFORE, Kind.DIES_AFTER, Kind.LOST_REPLY),
        Map.of(Group.RESHARD, 1, Group.CRASH, 1, Group.LOSS, 1),
        false);
  }

  /** As {@link #small}, with all that can happen to a call. */
  static Bound wide() {
    return new Bound(
        2,
        1,
        Set.of(
            Kind.SPLIT,
            Kind.DIES_BEFORE,
            Kind.DIES_AFTER,
            Kind.LOST_REPLY,
            Kind.LOST_REQUEST,
            Kind.LATE,
            Kind.OVERTAKEN),
        Map.of(Group.RESHARD, 1, Group.CRASH, 1, Group.LOSS, 1),
        true);
  }

  /** Three workers, two shards, splits and merges. */
  static Bound large() {
    return new Bound(
        3,
        2,
        Set.of(
            Kind.SPLIT, Kind.MERGE, Kind.DIES_BEFORE, Kind.DIES_AFTER, Kind.LOST_REPLY, Kind.LATE),
        Map.of(Group.RESHARD, 1, Group.CRASH, 1, Group.LOSS, 1),
        false);
  }

  /** Whether one more deviation of a group fits in. */
  boolean allows(Group group, List<Deviation> made) {
    Map<Group, Integer> left = new EnumMap<>(each);
    for (Deviation deviation : made) {
      left.merge(deviation.kind().group(), -1, Integer::sum);
    }
    return left.getOrDefault(group, 0) > 0;
  }
}
