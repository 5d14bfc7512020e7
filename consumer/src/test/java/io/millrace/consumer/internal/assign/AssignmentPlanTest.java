package io.millrace.consumer.internal.assign;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.lease.LeaseKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class AssignmentPlanTest {
  /** What a worker sees: leases, and the workers among whom to share them. */
  record Fleet(List<Assignable> leases, List<WorkerCapacity> workers) {
    List<Move> plan() {
      return AssignmentPlan.of(leases, workers);
    }

    Fleet after(List<Move> moves) {
      Map<LeaseKey, String> owners = new HashMap<>();
      moves.forEach(move -> owners.put(move.lease(), move.to()));
      return new Fleet(
          leases.stream()
              .map(
                  lease ->
                      new Assignable(
                          lease.lease(),
                          owners.getOrDefault(lease.lease(), lease.holder()),
                          lease.throughputKBps(),
                          lease.movable()))
              .toList(),
          workers);
    }

    Map<String, Integer> counts() {
      Map<String, Integer> counts = new HashMap<>();
      workers.forEach(worker -> counts.put(worker.worker(), 0));
      leases.stream()
          .filter(lease -> lease.holder() != null)
          .forEach(lease -> counts.merge(lease.holder(), 1, Integer::sum));
      return counts;
    }

    double squares() {
      double mean =
          leases.stream()
              .mapToDouble(Assignable::throughputKBps)
              .filter(t -> t >= 0)
              .average()
              .orElse(0);
      Map<String, Double> loads = new HashMap<>();
      for (Assignable lease : leases) {
        double weight =
            mean > 0 && lease.throughputKBps() >= 0 ? 0.5 + 0.5 * lease.throughputKBps() / mean : 1;
        loads.merge(String.valueOf(lease.holder()), weight, Double::sum);
      }
      return loads.values().stream().mapToDouble(load -> load * load).sum();
    }
  }

  private static Assignable lease(int number, String holder) {
    return new Assignable(LeaseKey.of("shard-" + number), holder, Double.NaN, true);
  }

  private static List<WorkerCapacity> workers(String... ids) {
    List<WorkerCapacity> workers = new ArrayList<>();
    for (String id : ids) {
      workers.add(new WorkerCapacity(id, Integer.MAX_VALUE));
    }
    return workers;
  }

  @Provide
  Arbitrary<Fleet> anyFleet() {
    Arbitrary<Integer> workerCount = Arbitraries.integers().between(1, 9);
    Arbitrary<List<Integer>> owners =
        Arbitraries.integers().between(-1, 9).list().ofMinSize(0).ofMaxSize(80);
    Arbitrary<Long> seeds = Arbitraries.longs();
    Arbitrary<Boolean> measured = Arbitraries.of(true, false);
    return Combinators.combine(workerCount, owners, seeds, measured)
        .as(
            (count, holders, seed, throughput) -> {
              Random random = new Random(seed);
              List<WorkerCapacity> workers = new ArrayList<>();
              for (int i = 0; i < count; i++) {
                workers.add(
                    new WorkerCapacity(
                        "w" + i, random.nextInt(4) == 0 ? random.nextInt(20) : 1_000));
              }
              List<Assignable> leases = new ArrayList<>();
              for (int i = 0; i < holders.size(); i++) {
                int holder = holders.get(i);
                leases.add(
                    new Assignable(
                        LeaseKey.of("shard-" + i),
                        holder < 0 || holder >= count ? null : "w" + holder,
                        throughput && random.nextInt(5) > 0
                            ? Math.abs(random.nextGaussian()) * 500
                            : Double.NaN,
                        random.nextInt(10) > 0));
              }
              return new Fleet(leases, workers);
            });
  }

  @Property
  void planThatWasCarriedOutPlansNothingMore(@ForAll("anyFleet") Fleet fleet) {
    assertThat(fleet.after(fleet.plan()).plan()).isEmpty();
  }

  @Property
  void orderOfWhatIsSeenDoesNotMatter(@ForAll("anyFleet") Fleet fleet, @ForAll long seed) {
    List<Assignable> leases = new ArrayList<>(fleet.leases());
    List<WorkerCapacity> workers = new ArrayList<>(fleet.workers());
    Collections.shuffle(leases, new Random(seed));
    Collections.shuffle(workers, new Random(seed));

    assertThat(AssignmentPlan.of(leases, workers))
        .containsExactlyInAnyOrderElementsOf(fleet.plan());
  }

  @Property
  void noFreeLeaseIsLeftWhileAnyWorkerHasRoom(@ForAll("anyFleet") Fleet fleet) {
    Fleet after = fleet.after(fleet.plan());
    Map<String, Integer> counts = after.counts();
    boolean room = fleet.workers().stream().anyMatch(w -> counts.get(w.worker()) < w.maxLeases());

    if (room) {
      assertThat(after.leases()).allMatch(lease -> lease.holder() != null);
    }
  }

  @Property
  void noWorkerIsGivenMoreThanItTakes(@ForAll("anyFleet") Fleet fleet) {
    Map<String, Integer> before = fleet.counts();
    Map<String, Integer> after = fleet.after(fleet.plan()).counts();

    for (WorkerCapacity worker : fleet.workers()) {
      assertThat(after.get(worker.worker()))
          .isLessThanOrEqualTo(Math.max(before.get(worker.worker()), worker.maxLeases()));
    }
  }

  @Property
  void everyLeaseMovesAtMostOnceAndOnlyIfItMay(@ForAll("anyFleet") Fleet fleet) {
    List<Move> plan = fleet.plan();
    Map<LeaseKey, Assignable> byKey = new HashMap<>();
    fleet.leases().forEach(lease -> byKey.put(lease.lease(), lease));

    assertThat(plan).extracting(Move::lease).doesNotHaveDuplicates();
    for (Move move : plan) {
      Assignable lease = byKey.get(move.lease());
      assertThat(move.from()).isEqualTo(lease.holder());
      assertThat(move.to()).isNotEqualTo(move.from());
      if (move.isClaim()) {
        assertThat(lease.movable()).isTrue();
      }
    }
  }

  @Property
  void claimsEvenTheLoadOut(@ForAll("anyFleet") Fleet fleet) {
    if (fleet.plan().stream().anyMatch(Move::isClaim)) {
      Fleet filled = fleet.after(fleet.plan().stream().filter(move -> !move.isClaim()).toList());

      assertThat(fleet.after(fleet.plan()).squares()).isLessThan(filled.squares());
    }
  }

  @Property
  void workersWithPartsOfTheTruthSettleInAFewRounds(
      @ForAll("anyFleet") Fleet fleet, @ForAll long seed) {
    // Each round one worker after the other plans from a view of random staleness and carries out
    // its own part, and only where the lease is still held by whom the plan says.
    Random random = new Random(seed);
    List<Fleet> past = new ArrayList<>(List.of(fleet));
    Fleet now = fleet;
    for (int round = 0; round < 6; round++) {
      for (WorkerCapacity worker : fleet.workers()) {
        int age = round < 3 ? random.nextInt(Math.min(past.size(), 3)) : 0;
        Fleet seen = past.get(past.size() - 1 - age);
        Fleet current = now;
        List<Move> mine =
            seen.plan().stream()
                .filter(move -> move.to().equals(worker.worker()))
                .filter(
                    move ->
                        current.leases().stream()
                            .filter(l -> l.lease().equals(move.lease()))
                            .allMatch(l -> java.util.Objects.equals(l.holder(), move.from())))
                .toList();
        now = now.after(mine);
        past.add(now);
      }
    }
    assertThat(now.plan()).isEmpty();
  }

  /** Leases that all weigh the same, and may all move. */
  @Provide
  Arbitrary<Fleet> evenlyWeighed() {
    return anyFleet()
        .map(
            fleet ->
                new Fleet(
                    fleet.leases().stream()
                        .map(
                            lease ->
                                new Assignable(lease.lease(), lease.holder(), Double.NaN, true))
                        .toList(),
                    fleet.workers().stream()
                        .map(worker -> new WorkerCapacity(worker.worker(), 1_000))
                        .toList()));
  }

  @Property
  void noMoreLeasesMoveThanHaveTo(@ForAll("evenlyWeighed") Fleet fleet) {
    int share = fleet.leases().size() / fleet.workers().size();
    int withOneMore = fleet.leases().size() % fleet.workers().size();
    // Whoever has most keeps one more than the share, as far as there are such places.
    List<Integer> counts = new ArrayList<>(fleet.counts().values());
    counts.sort(Collections.reverseOrder());
    int tooMany = 0;
    for (int i = 0; i < counts.size(); i++) {
      tooMany += Math.max(0, counts.get(i) - share - (i < withOneMore ? 1 : 0));
    }

    assertThat(fleet.plan().stream().filter(Move::isClaim)).hasSize(tooMany);
  }

  @Property
  void loadsDifferByOneLeaseAtMost(@ForAll("evenlyWeighed") Fleet fleet) {
    Collection<Integer> counts = fleet.after(fleet.plan()).counts().values();

    assertThat(Collections.max(counts) - Collections.min(counts)).isLessThanOrEqualTo(1);
  }

  @Property
  void newcomersGetTheirShareInOneRoundAndNothingMovesBetweenTheOthers(
      @ForAll("evenlyWeighed") Fleet fleet, @ForAll @IntRange(min = 1, max = 4) int count) {
    Fleet settled = fleet.after(fleet.plan());
    List<WorkerCapacity> more = new ArrayList<>(settled.workers());
    for (int i = 0; i < count; i++) {
      more.add(new WorkerCapacity("newcomer-" + i, 1_000));
    }
    Fleet grown = new Fleet(settled.leases(), more);

    List<Move> plan = grown.plan();

    assertThat(plan).allMatch(move -> move.to().startsWith("newcomer"));
    int share = settled.leases().size() / more.size();
    Map<String, Integer> after = grown.after(plan).counts();
    for (int i = 0; i < count; i++) {
      assertThat(after.get("newcomer-" + i)).isBetween(share, share + 1);
    }
  }

  @Property
  void leaseMovesOnceOnlyWhileTheFleetStaysTheSame(
      @ForAll("evenlyWeighed") Fleet fleet, @ForAll long seed) {
    // Everybody plans from the same moment and carries out its part in an order of its own, some
    // too late for this round.
    Random random = new Random(seed);
    Map<LeaseKey, Integer> moved = new HashMap<>();
    Fleet now = fleet;
    for (int round = 0; round < 5; round++) {
      List<Move> plan = new ArrayList<>(now.plan());
      Collections.shuffle(plan, random);
      List<Move> inTime = round == 4 ? plan : plan.subList(0, plan.size() / 2 + plan.size() % 2);
      inTime.stream().filter(Move::isClaim).forEach(m -> moved.merge(m.lease(), 1, Integer::sum));
      now = now.after(inTime);
    }
    assertThat(now.plan()).isEmpty();
    assertThat(moved.values()).allMatch(times -> times == 1);
  }

  @Test
  void newcomerGetsItsShareInOneRoundAndNobodyElseMoves() {
    List<Assignable> leases = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      leases.add(lease(i, i % 2 == 0 ? "a" : "b"));
    }
    Fleet fleet = new Fleet(leases, workers("a", "b", "c"));

    List<Move> plan = fleet.plan();

    assertThat(plan).hasSize(4).allMatch(move -> move.to().equals("c"));
    assertThat(fleet.after(plan).counts().values()).containsOnly(4);
  }

  @Test
  void evenFleetDoesNotMoveAnything() {
    assertThat(
            new Fleet(List.of(lease(0, "a"), lease(1, "a"), lease(2, "b")), workers("a", "b"))
                .plan())
        .isEmpty();
  }

  @Test
  void leasesOfAWorkerThatIsLeavingAreLeftToIt() {
    assertThat(
            new Fleet(
                    List.of(lease(0, "leaving"), lease(1, "leaving"), lease(2, "a")),
                    workers("a", "b"))
                .plan())
        .isEmpty();
  }

  @Test
  void hotShardWeighsMoreThanAnIdleOne() {
    List<Assignable> leases = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      leases.add(new Assignable(LeaseKey.of("hot-" + i), "a", 1_000, true));
      leases.add(new Assignable(LeaseKey.of("idle-" + i), "b", 1, true));
    }
    Fleet fleet = new Fleet(leases, workers("a", "b"));

    Fleet after = fleet.after(fleet.plan());

    assertThat(fleet.plan()).isNotEmpty();
    assertThat(after.leases())
        .filteredOn(l -> "b".equals(l.holder()) && l.lease().text().startsWith("hot"))
        .isNotEmpty();
    assertThat(after.squares()).isLessThan(fleet.squares());
  }

  @Test
  void noiseInTheThroughputMovesNothing() {
    List<Assignable> leases = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      leases.add(new Assignable(LeaseKey.of("x-" + i), i % 2 == 0 ? "a" : "b", 100 + i % 2, true));
    }

    assertThat(new Fleet(leases, workers("a", "b")).plan()).isEmpty();
  }

  @Property
  void whatWouldBalanceIsWhatThePlanMoves(
      @ForAll @IntRange(max = 120) int least,
      @ForAll @IntRange(max = 10) int more,
      @ForAll boolean measured) {
    List<Assignable> leases = new ArrayList<>();
    for (int i = 0; i < 2 * least + more; i++) {
      String holder = i < least ? "a" : "b";
      leases.add(new Assignable(LeaseKey.of("x-" + i), holder, measured ? 100 : Double.NaN, true));
    }

    boolean moves = !new Fleet(leases, workers("a", "b")).plan().isEmpty();

    assertThat(AssignmentPlan.wouldBalance(least, least + more, measured)).isEqualTo(moves);
  }

  @Test
  void fleetOfThousandsIsPlannedByEverybodyAlike() {
    List<Assignable> leases = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      leases.add(lease(i, i % 3 == 0 ? null : "w" + i % 150));
    }
    List<WorkerCapacity> workers = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      workers.add(new WorkerCapacity("w" + i, Integer.MAX_VALUE));
    }
    Fleet fleet = new Fleet(leases, workers);

    assertThat(fleet.after(fleet.plan()).counts().values()).containsOnly(50);
  }
}
