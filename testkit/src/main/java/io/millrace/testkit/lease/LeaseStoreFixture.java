package io.millrace.testkit.lease;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.lease.Checkpoint;
import io.millrace.consumer.lease.Checkpoint.Sentinel;
import io.millrace.consumer.lease.Holding;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.consumer.lease.Owner;
import io.millrace.consumer.lease.StreamIdentity;
import io.millrace.consumer.lease.WriteId;
import io.millrace.consumer.lease.WriteOutcome;
import io.millrace.model.HashRange;
import io.millrace.model.Position;
import io.millrace.model.SequenceNumber;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What the contract's tests stand on: a prepared store, two workers, and rows in each state. */
abstract class LeaseStoreFixture {
  static final String APPLICATION = "contract";
  static final Duration ATTEMPT_TIMEOUT = Duration.ofSeconds(60);
  static final LeaseKey SHARD = LeaseKey.of("shardId-000000000000");
  static final Owner ALICE = new Owner("alice", 7);
  static final Owner BOB = new Owner("bob", 9);
  static final StreamIdentity STREAM =
      new StreamIdentity(
          "arn:aws:kinesis:us-east-1:123456789012:stream/clicks",
          Instant.ofEpochSecond(1_700_000_000));

  private long writes;
  private @Nullable LeaseStore opened;

  /**
   * Opens a store over tables that hold nothing; called before each test, and closed after it.
   *
   * @return a store that is not prepared yet
   */
  protected abstract LeaseStore newStore() throws Exception;

  /**
   * Opens another store over the tables of the last {@link #newStore}: a second process.
   *
   * @return a store that is not prepared yet
   */
  protected abstract LeaseStore sameTables() throws Exception;

  /**
   * Adds an attribute that no store knows to a lease row, behind the store's back.
   *
   * @return false if rows of this store can't have such attributes
   */
  protected boolean addUnknownAttribute(LeaseKey key, String name, String value) throws Exception {
    return false;
  }

  /** Reads an attribute that {@link #addUnknownAttribute} has added. */
  protected Optional<String> unknownAttribute(LeaseKey key, String name) throws Exception {
    return Optional.empty();
  }

  @BeforeEach
  final void openStore() throws Exception {
    LeaseStore store = newStore();
    opened = store;
    await(store.prepare(preparation()));
  }

  @AfterEach
  final void closeStore() {
    if (opened != null) {
      opened.close();
    }
  }

  static LeaseStore.Preparation preparation() {
    return new LeaseStore.Preparation(APPLICATION, ATTEMPT_TIMEOUT, true);
  }

  final LeaseStore store() {
    if (opened == null) {
      throw new IllegalStateException("no store: a test runs before it is opened");
    }
    return opened;
  }

  static <T> T await(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (TimeoutException e) {
      throw new AssertionError("the store did not answer within a minute", e);
    }
  }

  final WriteId nextId(String incarnation) {
    return new WriteId(incarnation, ++writes);
  }

  final WriteId nextId() {
    return nextId("incarnation");
  }

  static <R> R applied(CompletionStage<WriteOutcome<R>> write) {
    WriteOutcome<R> outcome = await(write);
    assertThat(outcome).isInstanceOf(WriteOutcome.Applied.class);
    return outcome.applied().orElseThrow();
  }

  /** Asserts a conflict, and returns the row that it shows. */
  static <R> Optional<R> conflict(CompletionStage<WriteOutcome<R>> write) {
    WriteOutcome<R> outcome = await(write);
    assertThat(outcome).isInstanceOf(WriteOutcome.Conflict.class);
    return ((WriteOutcome.Conflict<R>) outcome).current();
  }

  final Lease read(LeaseKey key) {
    return await(store().readLease(key)).orElseThrow();
  }

  final List<Lease> readAll(LeaseStore.Consistency consistency) {
    List<Lease> all = new ArrayList<>();
    @Nullable String page = null;
    do {
      LeaseStore.LeasePage got = await(store().listLeases(consistency, page));
      all.addAll(got.leases());
      page = got.nextPageToken();
    } while (page != null);
    return all;
  }

  static Lease newLease(LeaseKey key) {
    return Lease.builder(key, Sentinel.TRIM_HORIZON)
        .hashRange(HashRange.FULL)
        .parents(Set.of(new ShardId("shardId-000000000007"), new ShardId("shardId-000000000008")))
        .stream(STREAM)
        .build();
  }

  final Lease unowned() {
    return applied(store().create(newLease(SHARD), nextId()));
  }

  final Lease ownedBy(Owner owner) {
    return applied(store().take(unowned(), owner, STREAM, nextId()));
  }

  final Lease claimed(Owner holder, Owner claimer) {
    return applied(store().claim(ownedBy(holder), claimer, nextId()));
  }

  static Holding holding(Lease lease, Owner holder) {
    return Holding.of(lease, holder.worker());
  }

  static Holding stale(Lease lease, Owner holder) {
    return new Holding(lease.key(), holder.worker(), lease.counter() - 1);
  }

  static Checkpoint at(String sequenceNumber, long subSequenceNumber) {
    return Checkpoint.at(new Position(SequenceNumber.of(sequenceNumber), subSequenceNumber));
  }

  /** Asserts that two reads of a row show the same. */
  static void assertSame(Lease actual, Lease expected) {
    assertThat(actual).isEqualTo(expected);
  }
}
