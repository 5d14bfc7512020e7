package io.millrace.consumer.internal.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ByteBudgetTest {
  private static final long KIB = 1024;
  private final List<String> woken = new ArrayList<>();

  private ByteBudget.Share join(ByteBudget budget, String name) {
    return budget.join(true, () -> woken.add(name));
  }

  @Test
  void singleShardMayUseTheWholeBudget() {
    ByteBudget budget = new ByteBudget(1_000 * KIB, 10);
    ByteBudget.Share share = join(budget, "a");
    assertThat(share.ask(KIB, 2_000 * KIB)).isEqualTo(1_000 * KIB);
    assertThat(budget.usedBytes()).isEqualTo(1_000 * KIB);
  }

  @Test
  void shardThatHoldsNothingGetsItsPortionHoweverMuchOthersHold() {
    ByteBudget budget = new ByteBudget(1_000 * KIB, 10);
    ByteBudget.Share greedy = join(budget, "greedy");
    ByteBudget.Share poor = join(budget, "poor");
    greedy.ask(KIB, 2_000 * KIB);
    greedy.settle(500 * KIB);
    greedy.ask(KIB, 2_000 * KIB);
    assertThat(poor.ask(KIB, 2_000 * KIB)).isGreaterThanOrEqualTo(250 * KIB);
    assertThat(budget.usedBytes()).isLessThanOrEqualTo(1_000 * KIB);
  }

  @Test
  void waiterIsWokenWhenBytesComeBack() {
    ByteBudget budget = new ByteBudget(100 * KIB, 10);
    ByteBudget.Share one = join(budget, "one");
    one.ask(100 * KIB, 100 * KIB);
    one.settle(100 * KIB);
    assertThat(one.ask(10 * KIB, 10 * KIB)).isZero();
    assertThat(woken).isEmpty();
    one.release(50 * KIB);
    assertThat(woken).containsExactly("one");
    assertThat(one.ask(10 * KIB, 10 * KIB)).isEqualTo(10 * KIB);
  }

  @Test
  void answerBeyondItsEstimateStopsFurtherGrantsUntilItIsReleased() {
    ByteBudget budget = new ByteBudget(100 * KIB, 10);
    ByteBudget.Share one = join(budget, "one");
    ByteBudget.Share two = join(budget, "two");
    assertThat(one.ask(KIB, KIB)).isEqualTo(KIB);
    one.settle(500 * KIB);
    assertThat(two.ask(KIB, KIB)).isZero();
    one.release(500 * KIB);
    assertThat(two.ask(KIB, KIB)).isEqualTo(KIB);
  }

  @Test
  void readsInFlightAreLimited() {
    ByteBudget budget = new ByteBudget(1_000 * KIB, 1);
    ByteBudget.Share one = join(budget, "one");
    ByteBudget.Share two = join(budget, "two");
    ByteBudget.Share stream = budget.join(false, () -> {});
    assertThat(one.ask(KIB, KIB)).isPositive();
    assertThat(two.ask(KIB, KIB)).isZero();
    assertThat(stream.ask(KIB, KIB)).as("a subscription needs no slot").isPositive();
    one.settle(0);
    assertThat(woken).containsExactly("two");
  }

  @Test
  void shardThatLeavesGivesEverythingBack() {
    ByteBudget budget = new ByteBudget(100 * KIB, 1);
    ByteBudget.Share one = join(budget, "one");
    one.ask(50 * KIB, 50 * KIB);
    one.settle(50 * KIB);
    one.ask(10 * KIB, 10 * KIB);
    one.leave();
    one.leave();
    assertThat(budget.usedBytes()).isZero();
    assertThat(join(budget, "two").ask(100 * KIB, 100 * KIB)).isEqualTo(100 * KIB);
  }

  /** Whatever shards do: granted plus held stays within the budget, and no byte is lost. */
  @Property(tries = 200)
  void budgetHoldsAndNothingLeaks(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    ByteBudget budget = new ByteBudget(1_000, 3);
    List<ByteBudget.Share> shares = new ArrayList<>();
    List<Long> grants = new ArrayList<>();
    for (int step = 0; step < 300; step++) {
      int who = shares.isEmpty() ? 0 : random.nextInt(shares.size());
      switch (random.nextInt(6)) {
        case 0 -> {
          shares.add(budget.join(random.nextBoolean(), () -> {}));
          grants.add(0L);
        }
        case 1, 2 -> {
          if (!shares.isEmpty()) {
            grants.set(who, shares.get(who).ask(1 + random.nextInt(50), 1 + random.nextInt(600)));
          }
        }
        case 3 -> {
          if (!shares.isEmpty() && grants.get(who) > 0) {
            shares.get(who).settle(random.nextLong(grants.get(who) + 1));
            grants.set(who, 0L);
          }
        }
        case 4 -> {
          if (!shares.isEmpty() && shares.get(who).heldBytes() > 0 && grants.get(who) == 0) {
            shares.get(who).release(random.nextLong(shares.get(who).heldBytes() + 1));
          }
        }
        default -> {
          if (!shares.isEmpty() && random.nextInt(4) == 0) {
            shares.remove(who).leave();
            grants.remove(who);
          }
        }
      }
      assertThat(budget.usedBytes()).isBetween(0L, 1_000L);
    }
    shares.forEach(ByteBudget.Share::leave);
    assertThat(budget.usedBytes()).isZero();
  }
}
