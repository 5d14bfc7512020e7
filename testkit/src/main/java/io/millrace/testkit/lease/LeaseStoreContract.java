package io.millrace.testkit.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.millrace.consumer.lease.Checkpoint.Sentinel;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.consumer.lease.LeaseStore.Consistency;
import io.millrace.consumer.lease.Owner;
import io.millrace.consumer.lease.Parked;
import io.millrace.consumer.lease.Progress;
import io.millrace.consumer.lease.WriteId;
import io.millrace.consumer.lease.WriteOutcome;
import io.millrace.model.HashKey;
import io.millrace.model.HashRange;
import io.millrace.model.ShardId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * What every {@link LeaseStore} does, as a test class to extend.
 *
 * <pre>{@code
 * class MyLeaseStoreTest extends LeaseStoreContract {
 *   @Override protected LeaseStore newStore() { return ...; }     // over tables without rows
 *   @Override protected LeaseStore sameTables() { return ...; }   // a second process on the same tables
 * }
 * }</pre>
 *
 * <p>It tests each condition and effect of each write, what a refused write shows, lost replies,
 * two workers at once, and that unknown attributes survive where the store's rows can have them. It
 * needs JUnit Jupiter and AssertJ on the class path.
 */
public abstract class LeaseStoreContract extends LeaseWriteContract {
  /** For subclasses. */
  protected LeaseStoreContract() {}

  @Test
  void preparingAgainFindsTheSameTables() throws Exception {
    unowned();
    try (LeaseStore second = sameTables()) {
      LeaseStore.Tables first = await(store().prepare(preparation()));
      LeaseStore.Tables again = await(second.prepare(preparation()));

      assertThat(again.created()).isFalse();
      assertThat(again.generation()).isEqualTo(first.generation());
      assertThat(await(second.readLease(SHARD))).isPresent();
    }
  }

  @Test
  void tableWithoutForeignRowsShowsNoSignOfKcl() {
    unowned();

    assertThat(await(store().signOfKcl())).isEmpty();
  }

  @Test
  void leaseKeepsAllThatItWasCreatedWith() {
    Lease lease =
        Lease.builder(
                new LeaseKey("123456789012:clicks:1700000000", new ShardId("shardId-000000000003")),
                Sentinel.LATEST)
            .hashRange(
                new HashRange(
                    HashKey.MIN, HashKey.parse("170141183460469231731687303715884105727")))
            .parents(Set.of(new ShardId("shardId-000000000001")))
            .startTimestamp(Instant.ofEpochMilli(1_700_000_001_234L))
            .stream(STREAM)
            .build();
    WriteId id = nextId();

    Lease created = applied(store().create(lease, id));

    assertSame(created, lease.toBuilder().writeId(id).build());
    assertSame(read(lease.key()), created);
    assertThat(readAll(Consistency.STRONG))
        .singleElement()
        .satisfies(row -> assertSame(row, created));
  }

  @Test
  void leaseWithoutAnythingOptionalIsReadBack() {
    Lease bare = Lease.builder(SHARD, Sentinel.TRIM_HORIZON).build();

    applied(store().create(bare, nextId()));

    Lease row = read(SHARD);
    assertThat(row.hashRange()).isEmpty();
    assertThat(row.parents()).isEmpty();
    assertThat(row.children()).isEmpty();
    assertThat(row.stream()).isEmpty();
    assertThat(row.startTimestamp()).isEmpty();
    assertThat(row.throughputKBps()).isEmpty();
  }

  @Test
  void everyKindOfCheckpointIsReadBack() {
    Lease row = ownedBy(ALICE);
    for (var checkpoint :
        List.of(
            Sentinel.LATEST,
            Sentinel.AT_TIMESTAMP,
            at("0", 0),
            at("49590338271490256608559692538361571095921575989136588898", 12_345_678_901L))) {
      row = applied(store().checkpoint(holding(row, ALICE), Progress.of(checkpoint), nextId()));
      assertThat(row.checkpoint()).isEqualTo(checkpoint);
      assertThat(read(SHARD).checkpoint()).isEqualTo(checkpoint);
    }
  }

  @Test
  void listingShowsEveryLeaseOnce() {
    for (int i = 0; i < 250; i++) {
      applied(store().create(newLease(LeaseKey.of("shardId-" + i)), nextId()));
    }

    for (Consistency consistency : Consistency.values()) {
      assertThat(readAll(consistency)).hasSize(250).extracting(Lease::key).doesNotHaveDuplicates();
    }
  }

  @Test
  void consistentReadSeesTheLastWrite() {
    Lease row = ownedBy(ALICE);
    for (int i = 1; i <= 20; i++) {
      row = applied(store().checkpoint(holding(row, ALICE), Progress.of(at("" + i, 0)), nextId()));
      assertSame(read(SHARD), row);
      assertThat(readAll(Consistency.STRONG).get(0).counter()).isEqualTo(row.counter());
    }
  }

  @Test
  void lostReplyIsResolvedByTheWriteId() {
    Lease free = unowned();
    WriteId taking = nextId("alice-1");
    await(store().take(free, ALICE, STREAM, taking));

    Lease row = read(SHARD);
    assertThat(row.wasWrittenBy(taking)).isTrue();
    assertThat(row.holderPeriod()).contains(ALICE);

    WriteId checkpointing = nextId("alice-1");
    assertThat(row.wasWrittenBy(checkpointing)).isFalse();
    await(store().checkpoint(holding(row, ALICE), Progress.of(at("6", 0)), checkpointing));
    assertThat(read(SHARD).wasWrittenBy(checkpointing)).isTrue();
  }

  @Test
  void repeatedWriteIsAppliedOnceAndItsConflictShowsItsOwnId() {
    Lease row = ownedBy(ALICE);
    WriteId id = nextId();
    Lease first = applied(store().checkpoint(holding(row, ALICE), Progress.of(at("6", 0)), id));

    Lease shown =
        conflict(store().checkpoint(holding(row, ALICE), Progress.of(at("6", 0)), id))
            .orElseThrow();

    assertThat(shown.wasWrittenBy(id)).isTrue();
    assertSame(shown, first);
  }

  @Test
  void repeatedClaimAfterItsCancellationIsRefused() {
    Lease row = ownedBy(ALICE);
    WriteId id = nextId();
    Lease claimed = applied(store().claim(row, BOB, id));
    applied(store().cancelClaim(holding(claimed, ALICE), nextId()));

    conflict(store().claim(row, BOB, id));
  }

  @Test
  void ofTwoWorkersThatTakeALeaseExactlyOneGetsIt() throws Exception {
    try (LeaseStore second = sameTables()) {
      await(second.prepare(preparation()));
      for (int round = 0; round < 25; round++) {
        Lease free = applied(store().create(newLease(LeaseKey.of("shard-" + round)), nextId()));
        WriteId mine = nextId("alice-1");
        WriteId theirs = nextId("bob-1");

        List<WriteOutcome<Lease>> outcomes =
            race(
                () -> await(store().take(free, ALICE, STREAM, mine)),
                () -> await(second.take(free, BOB, STREAM, theirs)));

        Lease row = read(free.key());
        assertThat(outcomes.stream().filter(o -> o.applied().isPresent()).count()).isEqualTo(1);
        Owner winner = outcomes.get(0).applied().isPresent() ? ALICE : BOB;
        assertThat(row.holderPeriod()).contains(winner);
        assertThat(row.wasWrittenBy(winner.equals(ALICE) ? mine : theirs)).isTrue();
        assertThat(row.counter()).isEqualTo(1);
      }
    }
  }

  @Test
  void takeAndCheckpointOfOneCounterAreNeverBothApplied() throws Exception {
    try (LeaseStore second = sameTables()) {
      await(second.prepare(preparation()));
      for (int round = 0; round < 25; round++) {
        LeaseKey key = LeaseKey.of("shard-" + round);
        Lease free = applied(store().create(newLease(key), nextId()));
        Lease held = applied(store().take(free, ALICE, STREAM, nextId()));
        WriteId checkpointing = nextId();
        WriteId taking = nextId();

        List<WriteOutcome<Lease>> outcomes =
            race(
                () ->
                    await(
                        store()
                            .checkpoint(
                                holding(held, ALICE), Progress.of(at("9", 0)), checkpointing)),
                () -> await(second.take(held, BOB, STREAM, taking)));

        assertThat(outcomes.stream().filter(o -> o.applied().isPresent()).count()).isEqualTo(1);
        assertThat(read(key).counter()).isEqualTo(held.counter() + 1);
      }
    }
  }

  @Test
  void unknownAttributesSurviveEveryWriteButDeletion() throws Exception {
    Lease row = unowned();
    assumeThat(addUnknownAttribute(SHARD, "somebodyElses", "value"))
        .as("rows of this store can have unknown attributes")
        .isTrue();
    List<Lease> writes = new ArrayList<>();
    row = keep(writes, applied(store().take(row, ALICE, STREAM, nextId())));
    row = keep(writes, applied(store().renew(holding(row, ALICE), 1, nextId())));
    row =
        keep(
            writes,
            applied(store().checkpoint(holding(row, ALICE), Progress.of(at("3", 1)), nextId())));
    row = keep(writes, applied(store().claim(row, BOB, nextId())));
    row = keep(writes, applied(store().cancelClaim(holding(row, ALICE), nextId())));
    row = keep(writes, applied(store().transfer(holding(row, ALICE), BOB, nextId())));
    row =
        keep(
            writes,
            applied(store().park(holding(row, BOB), new Parked("r", Instant.EPOCH, 1), nextId())));
    row = keep(writes, applied(store().resume(holding(row, BOB), nextId())));
    row = keep(writes, applied(store().release(holding(row, BOB), nextId())));
    row = keep(writes, applied(store().reset(row, Sentinel.TRIM_HORIZON, null, nextId())));
    row = keep(writes, applied(store().mark(row, Parked.byOperator("r", Instant.EPOCH), nextId())));
    row = keep(writes, applied(store().take(row, ALICE, STREAM, nextId())));
    keep(writes, applied(store().endShard(holding(row, ALICE), Set.of(), nextId())));

    assertThat(writes).hasSize(13);
    assertThat(unknownAttribute(SHARD, "somebodyElses")).contains("value");
  }

  private Lease keep(List<Lease> writes, Lease row) throws Exception {
    assertThat(unknownAttribute(SHARD, "somebodyElses")).as("after %s", row).contains("value");
    writes.add(row);
    return row;
  }

  private static <T> List<T> race(Callable<T> first, Callable<T> second) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      List<T> results = new ArrayList<>();
      for (Future<T> future : threads.invokeAll(List.of(first, second))) {
        results.add(future.get());
      }
      return results;
    } finally {
      threads.shutdownNow();
    }
  }
}
