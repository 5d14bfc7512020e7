package io.millrace.consumer.internal.hold;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.internal.loop.EventLoop;
import io.millrace.consumer.internal.table.LeaseTable;
import io.millrace.consumer.internal.table.TableReader;
import io.millrace.consumer.lease.Checkpoint;
import io.millrace.consumer.lease.Checkpoint.Sentinel;
import io.millrace.consumer.lease.InMemoryLeaseStore;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.consumer.lease.LeaseStore.Consistency;
import io.millrace.consumer.lease.LeaseStoreException;
import io.millrace.consumer.lease.WriteId;
import io.millrace.model.ShardId;
import java.lang.reflect.Proxy;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A child may start when every parent row that exists is at its end - by a consistent read. */
class ChildGateTest {
  private static final ShardId ONE = new ShardId("shardId-000000000001");
  private static final ShardId TWO = new ShardId("shardId-000000000002");
  private static final ShardId CHILD = new ShardId("shardId-000000000003");

  private final InMemoryLeaseStore rows = new InMemoryLeaseStore();
  private final LeaseTable table = new LeaseTable();
  private final EventLoop loop = new EventLoop(0, InstantSource.system());
  private final List<LeaseKey> reads = new ArrayList<>();
  private boolean unreachable;
  private Set<ShardId> unfinished;
  private Throwable failure;
  private long writes;

  @Test
  void shardWithoutParentsStartsAtOnce() {
    assertThat(ask()).isEmpty();
    assertThat(reads).isEmpty();
  }

  @Test
  void unfinishedParentHoldsItsChildBack() {
    row(ONE, Sentinel.TRIM_HORIZON);

    assertThat(ask(ONE)).containsExactly(ONE);
  }

  @Test
  void parentThatIsBegunHoldsItsChildBack() {
    row(ONE, Checkpoint.parse("49590338271490256608559692538361571095921575989136588898", 0));

    assertThat(ask(ONE)).containsExactly(ONE);
  }

  @Test
  void finishedParentLetsItsChildStart() {
    row(ONE, Sentinel.SHARD_END);

    assertThat(ask(ONE)).isEmpty();
  }

  @Test
  void parentWithoutARowIsDone() {
    assertThat(ask(ONE)).isEmpty();
    assertThat(reads).containsExactly(LeaseKey.of(ONE));
  }

  @Test
  void mergedChildWaitsForBothParents() {
    row(ONE, Sentinel.SHARD_END);
    row(TWO, Sentinel.TRIM_HORIZON);

    assertThat(ask(ONE, TWO)).containsExactly(TWO);
  }

  @Test
  void mergedChildWaitsForTheParentThatHasARow() {
    row(TWO, Sentinel.TRIM_HORIZON);

    assertThat(ask(ONE, TWO)).containsExactly(TWO);
  }

  @Test
  void rowThatTheTableDoesNotKnowYetHoldsTheChildBack() {
    row(ONE, Sentinel.TRIM_HORIZON);
    table.missing(LeaseKey.of(ONE));

    assertThat(ask(ONE)).containsExactly(ONE);
  }

  @Test
  void endThatTheTableDoesNotKnowYetLetsTheChildStart() {
    table.saw(lease(ONE, Sentinel.TRIM_HORIZON), 0);
    row(ONE, Sentinel.SHARD_END);

    assertThat(ask(ONE)).isEmpty();
  }

  @Test
  void endIsFinalAndNotReadAgain() {
    table.saw(lease(ONE, Sentinel.SHARD_END), 0);
    unreachable = true;

    assertThat(ask(ONE)).isEmpty();
    assertThat(reads).isEmpty();
  }

  @Test
  void parentThatCannotBeReadHoldsItsChildBack() {
    unreachable = true;

    assertThat(ask(ONE)).containsExactly(ONE);
    assertThat(failure).isInstanceOf(LeaseStoreException.class);
  }

  @Test
  void tableKnowsNoOpenGateWhileAParentIsUnfinished() {
    table.saw(lease(ONE, Sentinel.SHARD_END), 0);
    assertThat(table.isGateOpen(child(ONE, TWO))).isTrue();

    table.saw(lease(TWO, Sentinel.TRIM_HORIZON), 0);
    assertThat(table.isGateOpen(child(ONE, TWO))).isFalse();
  }

  private Set<ShardId> ask(ShardId... parents) {
    TableReader reader =
        new TableReader(loop, counted(), table, 1_000_000_000, new Random(1), new NoNews());
    HoldParts parts = new HoldParts(loop, null, table, reader, null, null, null, null, null);
    new ChildGate(parts)
        .ask(
            child(parents),
            (holdingBack, cause) -> {
              unfinished = holdingBack;
              failure = cause;
            });
    for (int i = 0; i < 10; i++) {
      loop.tick(i);
    }
    return unfinished;
  }

  private LeaseStore counted() {
    return (LeaseStore)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {LeaseStore.class},
            (proxy, method, arguments) -> {
              reads.add((LeaseKey) arguments[0]);
              return unreachable
                  ? CompletableFuture.failedFuture(
                      new LeaseStoreException(LeaseStoreException.Reason.UNAVAILABLE, "away"))
                  : method.invoke(rows, arguments);
            });
  }

  private void row(ShardId shard, Checkpoint checkpoint) {
    rows.create(lease(shard, checkpoint), new WriteId("somebody", ++writes))
        .toCompletableFuture()
        .join();
  }

  private static Lease lease(ShardId shard, Checkpoint checkpoint) {
    return Lease.builder(LeaseKey.of(shard), checkpoint).build();
  }

  private static Lease child(ShardId... parents) {
    return lease(CHILD, Sentinel.TRIM_HORIZON).toBuilder().parents(Set.of(parents)).build();
  }

  private static final class NoNews implements TableReader.Listener {
    @Override
    public void tableListed(Consistency consistency) {}

    @Override
    public void tableSeenAgain(long blindNanos) {}

    @Override
    public void tableRestored(Lease row) {}

    @Override
    public void tableGone(LeaseStoreException said) {}
  }
}
