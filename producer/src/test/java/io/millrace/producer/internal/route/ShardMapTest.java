package io.millrace.producer.internal.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.model.HashKey;
import io.millrace.model.HashRange;
import io.millrace.model.ShardId;
import io.millrace.producer.internal.send.ShardDescription;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ShardMapTest {
  @Property
  void predictsTheShardWhoseRangeHoldsTheKey(
      @ForAll @IntRange(min = 1, max = 300) int shards, @ForAll long high, @ForAll long low) {
    ShardMap map = ShardMap.of(shards(shards));
    HashKey key = new HashKey(high, low);
    assertThat(map.shards().get(map.indexOf(key)).range().contains(key)).isTrue();
  }

  @Test
  void predictsAtTheEdgesOfRanges() {
    ShardMap map = ShardMap.of(shards(3));
    for (int i = 0; i < 3; i++) {
      assertThat(map.indexOf(map.shards().get(i).range().start())).isEqualTo(i);
      assertThat(map.indexOf(map.shards().get(i).range().end())).isEqualTo(i);
    }
    assertThat(map.indexOf(HashKey.MIN)).isZero();
    assertThat(map.indexOf(HashKey.MAX)).isEqualTo(2);
  }

  @Test
  void aListingThatLeavesKeysOutOrCoversThemTwiceIsRefused() {
    List<ShardDescription> shards = shards(4);
    for (int i = 0; i < 4; i++) {
      List<ShardDescription> hole = new ArrayList<>(shards);
      hole.remove(i);
      assertThatThrownBy(() -> ShardMap.of(hole)).hasMessageContaining("don't cover");
    }
    List<ShardDescription> overlap = new ArrayList<>(shards);
    overlap.add(new ShardDescription(new ShardId("parent"), HashRange.FULL));
    assertThatThrownBy(() -> ShardMap.of(overlap)).hasMessageContaining("don't cover");
    assertThatThrownBy(() -> ShardMap.of(List.of())).hasMessageContaining("no open shard");
  }

  @Test
  void theOrderOfTheListingDoesNotMatter() {
    List<ShardDescription> shuffled = shards(9);
    Collections.reverse(shuffled);
    assertThat(ShardMap.of(shuffled).sameShards(ShardMap.of(shards(9)))).isTrue();
  }

  private static List<ShardDescription> shards(int count) {
    List<ShardDescription> shards = new ArrayList<>();
    for (HashRange range : HashRange.FULL.partition(count)) {
      shards.add(new ShardDescription(new ShardId("shard-" + shards.size()), range));
    }
    return shards;
  }
}
