package io.millrace.dynamodb;

import io.millrace.consumer.lease.Checkpoint;
import io.millrace.consumer.lease.FleetMode;
import io.millrace.consumer.lease.Holding;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.consumer.lease.LeaseStoreException;
import io.millrace.consumer.lease.LeaseStoreException.Reason;
import io.millrace.consumer.lease.Owner;
import io.millrace.consumer.lease.Parked;
import io.millrace.consumer.lease.Progress;
import io.millrace.consumer.lease.StreamIdentity;
import io.millrace.consumer.lease.WorkerRow;
import io.millrace.consumer.lease.WriteId;
import io.millrace.consumer.lease.WriteOutcome;
import io.millrace.dynamodb.internal.row.LeaseWrites;
import io.millrace.dynamodb.internal.row.RowWrite;
import io.millrace.dynamodb.internal.row.WorkerWrites;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;

/**
 * A lease store in DynamoDB, in the table layout of the KCL: a KCL 2.x or 3.x can share the lease
 * table, hand it over and take it back.
 *
 * <pre>{@code
 * LeaseStore leases = DynamoDbLeaseStore.create(DynamoDbAsyncClient.create());
 * StreamConsumer consumer = StreamConsumer.builder("orders", kinesis, leases)...
 * }</pre>
 *
 * <p>It uses two tables, which it creates on demand unless told otherwise: the lease table, named
 * like the application, and the worker table {@code <application>-MillraceWorkers}. Rows are
 * changed by conditional updates of single attributes, so what other software keeps on them
 * survives; rows that are not leases are left alone. {@code docs/dynamodb.md} describes both tables
 * and their cost, {@code docs/iam.md} the permissions.
 *
 * <p>Each conditional write is one HTTP request: on these, the client's retries are off and its
 * time-outs are replaced by those of {@link LeaseStore.Preparation}. Reads keep the client's
 * retries, for at most three such time-outs.
 *
 * <p>Thread-safe. One instance serves one application. Stages complete on the client's threads. The
 * client is not closed by {@link #close()}.
 */
public final class DynamoDbLeaseStore implements LeaseStore {
  private final DynamoDbAsyncClient client;
  private final TableSettings settings;
  private final Function<Duration, CompletionStage<Void>> pause;

  private volatile @Nullable PreparedTables prepared;
  private volatile boolean closed;

  DynamoDbLeaseStore(
      DynamoDbAsyncClient client,
      TableSettings settings,
      Function<Duration, CompletionStage<Void>> pause) {
    this.client = client;
    this.settings = settings;
    this.pause = pause;
  }

  /** A store with the default settings. */
  public static DynamoDbLeaseStore create(DynamoDbAsyncClient client) {
    return builder(client).build();
  }

  /**
   * A builder of stores.
   *
   * @param client which the store uses and never closes; {@code DynamoDbAsyncClient.create()} with
   *     its defaults will do, for the store's requests are few and small
   */
  public static Builder builder(DynamoDbAsyncClient client) {
    return new Builder(client);
  }

  @Override
  public CompletionStage<Tables> prepare(Preparation preparation) {
    if (closed) {
      return CompletableFuture.failedFuture(closedException());
    }
    @Nullable PreparedTables earlier = prepared;
    if (earlier != null && !earlier.application().equals(preparation.application())) {
      return CompletableFuture.failedFuture(
          new LeaseStoreException(
              Reason.OTHER_APPLICATION,
              "application '"
                  + preparation.application()
                  + "' asks for the lease store of application '"
                  + earlier.application()
                  + "': build a store for each application"));
    }
    RequestSettings requests = RequestSettings.of(preparation.attemptTimeout());
    PreparedTables tables;
    try {
      tables = new PreparedTables(client, requests, settings, preparation.application());
    } catch (IllegalArgumentException badName) {
      return CompletableFuture.failedFuture(badName);
    }
    return tables
        .setUp(
            new TableSetup(client, settings, requests, pause, preparation.mayCreate()),
            preparation.workerTable())
        .thenApply(
            found -> {
              prepared = tables;
              return found;
            });
  }

  @Override
  public CompletionStage<Optional<String>> signOfKcl() {
    return with(PreparedTables::signOfKcl);
  }

  @Override
  public CompletionStage<LeasePage> listLeases(
      Consistency consistency, @Nullable String pageToken) {
    return with(tables -> tables.listLeases(consistency, pageToken));
  }

  @Override
  public CompletionStage<Optional<Lease>> readLease(LeaseKey key) {
    return with(tables -> tables.leases().read(key.text()));
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> create(Lease lease, WriteId id) {
    return writeLease(LeaseWrites.create(lease, id));
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> take(
      Lease observed, Owner taker, StreamIdentity stream, WriteId id) {
    return writeLease(LeaseWrites.take(observed, taker, stream, id));
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> claim(Lease observed, Owner claimer, WriteId id) {
    return writeLease(LeaseWrites.claim(observed, claimer, id));
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> delete(Lease observed) {
    return writeLease(LeaseWrites.delete(observed));
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> reset(
      Lease observed, Checkpoint checkpoint, @Nullable Instant startTimestamp, WriteId id) {
    return writeLease(LeaseWrites.reset(observed, checkpoint, startTimestamp, id));
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> mark(
      Lease observed, @Nullable Parked parked, WriteId id) {
    return writeLease(LeaseWrites.mark(observed, parked, id));
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> renew(
      Holding holding, double throughputKBps, WriteId id) {
    return writeLease(LeaseWrites.renew(holding, throughputKBps, id));
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> checkpoint(
      Holding holding, Progress progress, WriteId id) {
    return writeLease(LeaseWrites.checkpoint(holding, progress, id));
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> endShard(
      Holding holding, Set<ShardId> children, WriteId id) {
    return writeLease(LeaseWrites.endShard(holding, children, id));
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> transfer(Holding holding, Owner to, WriteId id) {
    return writeLease(LeaseWrites.transfer(holding, to, id));
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> cancelClaim(Holding holding, WriteId id) {
    return writeLease(LeaseWrites.cancelClaim(holding, id));
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> release(Holding holding, WriteId id) {
    return writeLease(LeaseWrites.release(holding, id));
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> park(Holding holding, Parked parked, WriteId id) {
    return writeLease(LeaseWrites.park(holding, parked, id));
  }

  @Override
  public CompletionStage<WriteOutcome<Lease>> resume(Holding holding, WriteId id) {
    return writeLease(LeaseWrites.resume(holding, id));
  }

  @Override
  public CompletionStage<FleetView> readFleet() {
    return with(PreparedTables::readFleet);
  }

  @Override
  public CompletionStage<Optional<WorkerRow>> readWorker(String worker) {
    return with(tables -> tables.workers().read(worker));
  }

  @Override
  public CompletionStage<WriteOutcome<WorkerRow>> register(
      WorkerRow row, @Nullable WorkerRow observed) {
    return writeWorker(WorkerWrites.register(row, observed));
  }

  @Override
  public CompletionStage<WriteOutcome<WorkerRow>> heartbeat(WorkerRow row) {
    return writeWorker(WorkerWrites.heartbeat(row));
  }

  @Override
  public CompletionStage<WriteOutcome<WorkerRow>> fence(WorkerRow observed) {
    return writeWorker(WorkerWrites.fence(observed));
  }

  @Override
  public CompletionStage<WriteOutcome<WorkerRow>> fenceMissing(WorkerRow tombstone) {
    return writeWorker(WorkerWrites.fenceMissing(tombstone));
  }

  @Override
  public CompletionStage<WriteOutcome<WorkerRow>> deleteWorker(WorkerRow observed) {
    return writeWorker(WorkerWrites.delete(observed));
  }

  @Override
  public CompletionStage<WriteOutcome<FleetMode>> changeMode(FleetMode next) {
    return write(tables -> tables.modes().write(WorkerWrites.changeMode(next)));
  }

  /** Refuses what is asked from now on; what is under way completes. The client stays open. */
  @Override
  public void close() {
    closed = true;
  }

  private CompletionStage<WriteOutcome<Lease>> writeLease(RowWrite write) {
    return write(tables -> tables.leases().write(write));
  }

  private CompletionStage<WriteOutcome<WorkerRow>> writeWorker(RowWrite write) {
    return write(tables -> tables.workers().write(write));
  }

  private <R> CompletionStage<WriteOutcome<R>> write(
      Function<PreparedTables, CompletionStage<WriteOutcome<R>>> write) {
    return closed
        ? CompletableFuture.completedFuture(new WriteOutcome.Refused<>(closedException()))
        : write.apply(tables());
  }

  private <T> CompletionStage<T> with(Function<PreparedTables, CompletionStage<T>> read) {
    return closed ? CompletableFuture.failedFuture(closedException()) : read.apply(tables());
  }

  private PreparedTables tables() {
    @Nullable PreparedTables tables = prepared;
    if (tables == null) {
      throw new IllegalStateException("the lease store is not prepared: prepare comes first");
    }
    return tables;
  }

  private static LeaseStoreException closedException() {
    return new LeaseStoreException(Reason.CLOSED, "the lease store is closed");
  }

  /** Builds stores. Confined to one thread. */
  public static final class Builder {
    private final DynamoDbAsyncClient client;
    private TableSettings settings = TableSettings.DEFAULT;

    private Builder(DynamoDbAsyncClient client) {
      this.client = Objects.requireNonNull(client, "client");
    }

    /**
     * The lease table's name. Default: the application's name, as the KCL has it.
     *
     * @throws IllegalArgumentException if it is not a name that DynamoDB allows
     */
    public Builder leaseTableName(String name) {
      settings = settings.withLeaseTable(name);
      return this;
    }

    /**
     * The worker table's name. Default: {@code <application>-MillraceWorkers}. A worker table
     * serves one application only.
     *
     * @throws IllegalArgumentException if it is not a name that DynamoDB allows
     */
    public Builder workerTableName(String name) {
      settings = settings.withWorkerTable(name);
      return this;
    }

    /**
     * Whether missing tables are created, with on-demand billing. Default: true. With false the
     * tables are the operator's: the permission to create them is not needed, and a missing one is
     * an error that says what to create.
     */
    public Builder createTables(boolean create) {
      settings = settings.withCreate(create);
      return this;
    }

    /** Whether created tables are protected from deletion. Default: false. */
    public Builder deletionProtection(boolean protect) {
      settings = settings.withDeletionProtection(protect);
      return this;
    }

    /**
     * Whether point-in-time recovery is enabled for a lease table that is created, in the
     * background. Default: false. Failing to do so is logged and stops nothing.
     */
    public Builder pointInTimeRecovery(boolean enable) {
      settings = settings.withPointInTimeRecovery(enable);
      return this;
    }

    /**
     * Whether a lease table without the KCL's index {@code LeaseOwnerToLeaseKeyIndex} gets one, in
     * the background. Default: false. Millrace never uses it; with it, a KCL 3.x that takes over
     * starts without building it first. Failing to do so is logged and stops nothing.
     */
    public Builder ownerIndex(boolean add) {
      settings = settings.withOwnerIndex(add);
      return this;
    }

    /** The tags of tables that are created. Default: none. */
    public Builder tags(Map<String, String> tags) {
      settings = settings.withTags(tags);
      return this;
    }

    /** Builds the store; no request is sent before {@link LeaseStore#prepare}. */
    public DynamoDbLeaseStore build() {
      return new DynamoDbLeaseStore(client, settings, Builder::pauseFor);
    }

    private static CompletionStage<Void> pauseFor(Duration duration) {
      return CompletableFuture.runAsync(
          () -> {},
          CompletableFuture.delayedExecutor(
              duration.toMillis(), TimeUnit.MILLISECONDS, Runnable::run));
    }
  }
}
