package io.millrace.simulation.explore;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.simulation.explore.Deviation.Group;
import io.millrace.simulation.explore.Deviation.Kind;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class ExplorerTest {
  @Test
  void everyPlacementOfASplitACrashAndALostReplyKeepsThePromises() {
    Explorer.Result result = Explorer.explore("small", runs -> {});

    assertThat(result.failures()).isEmpty();
    assertThat(result.runs()).isGreaterThan(10_000);
  }

  @Test
  void everySetOfDeviationsComesOnce() {
    Bound one = new Bound(2, 1, Set.of(Kind.LOST_REPLY), Map.of(Group.LOSS, 1), false);
    int calls = new SmallFleet(one, List.of(), 0, UnaryOperator.identity()).run().size();

    Explorer.Result result = new Explorer(one, UnaryOperator.identity(), runs -> {}).explore();

    assertThat(result.runs()).isEqualTo(1 + calls);
  }
}
