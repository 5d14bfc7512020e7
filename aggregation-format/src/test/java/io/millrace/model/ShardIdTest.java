package io.millrace.model;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ShardIdTest {
  @Test
  void anEmptyIdIsRefused() {
    assertThatThrownBy(() -> new ShardId("")).hasMessageContaining("shard id is empty");
  }

  @Property
  boolean ordersLikeItsText(@ForAll String a, @ForAll String b) {
    return a.isEmpty()
        || b.isEmpty()
        || Integer.signum(new ShardId(a).compareTo(new ShardId(b)))
            == Integer.signum(a.compareTo(b));
  }
}
