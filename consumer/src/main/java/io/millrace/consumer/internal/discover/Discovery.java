package io.millrace.consumer.internal.discover;

import io.millrace.consumer.internal.fetch.ChildShard;
import io.millrace.consumer.internal.fetch.KinesisFault;
import io.millrace.consumer.internal.fetch.Reply;
import io.millrace.consumer.internal.fetch.StreamPort;
import io.millrace.consumer.internal.fetch.StreamPort.ShardListing;
import io.millrace.consumer.internal.fetch.StreamPort.ShardPage;
import io.millrace.consumer.internal.loop.Backoff;
import io.millrace.consumer.internal.loop.EventLoop;
import io.millrace.consumer.internal.loop.Failures;
import io.millrace.consumer.internal.member.SelfFence;
import io.millrace.consumer.internal.table.LeaseTable;
import io.millrace.consumer.internal.table.TableReader;
import io.millrace.consumer.internal.table.WriteIds;
import io.millrace.consumer.lease.Checkpoint.Sentinel;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.consumer.lease.LeaseStore.Consistency;
import io.millrace.consumer.lease.WriteId;
import io.millrace.consumer.lease.WriteOutcome;
import io.millrace.model.HashRange;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Finds the shards of a stream and creates the rows that it lacks, in lineage order.
 *
 * <p>A crash between two creations leaves a table from which the same rows follow again. Confined
 * to the loop.
 */
public final class Discovery {
  private static final int CREATIONS_IN_FLIGHT = 32;
  private static final int ATTEMPTS = 6;
  private static final int INCOMPLETE_LISTINGS = 3;
  private static final long INCOMPLETE_NANOS = Duration.ofMillis(500).toNanos();

  /**
   * How old a reading of the table may be for a row to be created by it. A finished row is kept for
   * longer than this before it is deleted ({@link #FINISHED_ROWS_KEPT_AUDITS}), or else somebody
   * who stood still meanwhile would create it again, and its shard would be read anew.
   */
  private static final long READING_VALID_NANOS = Duration.ofSeconds(20).toNanos();

  /** How many audit intervals, of at least 5 s each, a finished row is kept at least. */
  public static final int FINISHED_ROWS_KEPT_AUDITS = 10;

  private static final long LIST_TIMEOUT_NANOS = Duration.ofSeconds(10).toNanos();

  private final EventLoop loop;
  private final StreamPort streams;
  private final LeaseStore store;
  private final LeaseTable table;
  private final TableReader reader;
  private final WriteIds ids;
  private final SelfFence fence;
  private final long attemptNanos;
  private final RandomGenerator random;
  private final Consumer<Lease> onCreated;

  private boolean stopped;

  /** For each stream with a walk under way, who waits for the next one. */
  private final Map<ConsumedStream, List<Done>> nextWalks = new HashMap<>();

  /** The parts that every discovery of a worker shares. */
  public record Parts(
      EventLoop loop,
      StreamPort streams,
      LeaseStore store,
      LeaseTable table,
      TableReader reader,
      WriteIds ids,
      SelfFence fence,
      long attemptNanos,
      RandomGenerator random) {}

  /** Hears of the end of a discovery. */
  public interface Done {
    /**
     * Runs on the loop.
     *
     * @param failure null for success
     */
    void done(@Nullable Throwable failure);
  }

  /**
   * Creates a discovery.
   *
   * @param onCreated hears of each row that this worker has created
   */
  public Discovery(Parts parts, Consumer<Lease> onCreated) {
    this.loop = parts.loop();
    this.streams = parts.streams();
    this.store = parts.store();
    this.table = parts.table();
    this.reader = parts.reader();
    this.ids = parts.ids();
    this.fence = parts.fence();
    this.attemptNanos = parts.attemptNanos();
    this.random = parts.random();
    this.onCreated = onCreated;
  }

  /** Creates nothing more. */
  public void stop() {
    stopped = true;
  }

  /** Creates whatever rows the stream lacks. Safe to run at any time, by any number of workers. */
  public void completeRows(ConsumedStream stream, Done done) {
    List<Done> waiting = nextWalks.get(stream);
    if (waiting != null) {
      // A walk is under way that may have passed already what this caller wants: the next one.
      waiting.add(done);
      return;
    }
    walk(stream, List.of(done));
  }

  private void walk(ConsumedStream stream, List<Done> callers) {
    nextWalks.put(stream, new ArrayList<>());
    new ShardWalk(
            stream,
            failure -> {
              List<Done> waiting = nextWalks.remove(stream);
              if (waiting != null && !waiting.isEmpty()) {
                walk(stream, waiting);
              }
              callers.forEach(caller -> caller.done(failure));
            })
        .nextPage();
  }

  /**
   * Makes the rows of a closed shard's children durable, while the shard's own row is unfinished:
   * as long as it is, no child's row can have come and gone.
   *
   * <p>A child whose other parent has no row is the one difficult case: that parent may be long
   * done, or may have been missed. The service's listing decides.
   *
   * @param parent the closed shard
   */
  public void createChildren(
      ConsumedStream stream, ShardId parent, List<ChildShard> children, Done done) {
    SelfFence.Stamp read = fence.sending(loop.nowNanos());
    reader.read(
        stream.key(parent),
        (row, failure) -> {
          if (failure != null) {
            done.done(failure);
          } else if (row == null || row.isFinished()) {
            done.done(new IllegalStateException("shard " + parent + " was ended by somebody else"));
          } else {
            createChildren(stream, children, read, done);
          }
        });
  }

  private void createChildren(
      ConsumedStream stream, List<ChildShard> children, SelfFence.Stamp read, Done done) {
    ArrayDeque<LeaseKey> parentsToRead = new ArrayDeque<>();
    List<Lease> rows = new ArrayList<>();
    for (ChildShard child : children) {
      if (table.get(stream.key(child.shard())) == null) {
        rows.add(childRow(stream, child));
        for (ShardId parent : new TreeSet<>(child.parents())) {
          LeaseKey key = stream.key(parent);
          if (table.get(key) == null && !parentsToRead.contains(key)) {
            parentsToRead.add(key);
          }
        }
      }
    }
    readParents(stream, parentsToRead, rows, read, done);
  }

  private void readParents(
      ConsumedStream stream,
      ArrayDeque<LeaseKey> left,
      List<Lease> rows,
      SelfFence.Stamp read,
      Done done) {
    LeaseKey parent = left.poll();
    if (parent == null) {
      new Creations(rows, read, done).fill();
      return;
    }
    reader.read(
        parent,
        (row, failure) -> {
          if (failure != null) {
            done.done(failure);
          } else if (row == null) {
            completeRows(
                stream,
                unlisted -> {
                  if (unlisted != null) {
                    done.done(unlisted);
                  } else {
                    // Whatever was missing has its row now, or is no more: so may the children.
                    new Creations(stillMissing(rows), read, done).fill();
                  }
                });
          } else {
            readParents(stream, left, rows, read, done);
          }
        });
  }

  private List<Lease> stillMissing(List<Lease> rows) {
    return rows.stream().filter(row -> table.get(row.key()) == null).toList();
  }

  private static Lease childRow(ConsumedStream stream, ChildShard child) {
    return Lease.builder(stream.key(child.shard()), Sentinel.TRIM_HORIZON)
        .parents(child.parents())
        .hashRange(child.hashRange())
        .stream(stream.identity())
        .build();
  }

  /** One walk over the pages of ListShards, and the creations that follow from it. */
  private final class ShardWalk {
    private final ConsumedStream stream;
    private final Done done;
    private final List<ShardListing> shards = new ArrayList<>();
    private final Backoff backoff =
        new Backoff(random, Duration.ofMillis(100).toNanos(), Duration.ofSeconds(2).toNanos());
    private Optional<String> token = Optional.empty();
    private @Nullable Instant begun;
    private int incompleteListings;

    ShardWalk(ConsumedStream stream, Done done) {
      this.stream = stream;
      this.done = done;
    }

    void nextPage() {
      loop.request(
          () -> streams.listShards(stream.identity().arn(), token),
          LIST_TIMEOUT_NANOS,
          this::pageArrived);
    }

    private void pageArrived(@Nullable Reply<ShardPage> reply, @Nullable Throwable failure) {
      if (reply instanceof Reply.Ok<ShardPage> ok) {
        ShardPage page = ok.value();
        shards.addAll(page.shards());
        if (begun == null || page.serviceTime().isBefore(begun)) {
          begun = page.serviceTime();
        }
        token = page.nextToken();
        if (token.isPresent()) {
          nextPage();
        } else if (isComplete() || ++incompleteListings >= INCOMPLETE_LISTINGS) {
          createRows(begun);
        } else {
          shards.clear();
          begun = null;
          loop.after(INCOMPLETE_NANOS, this::nextPage);
        }
        return;
      }
      KinesisFault fault = reply instanceof Reply.Failed<ShardPage> f ? f.fault() : null;
      if (backoff.failures() + 1 >= ATTEMPTS || (fault != null && !StreamErrors.passes(fault))) {
        done.done(StreamErrors.of(stream.name(), fault, failure));
      } else {
        loop.after(backoff.nextNanos(), this::nextPage);
      }
    }

    /** Whether the open shards hold all hash keys: in the midst of a reshard a listing may not. */
    private boolean isComplete() {
      List<HashRange> open =
          shards.stream().filter(shard -> !shard.closed()).map(ShardListing::hashRange).toList();
      return HashRange.gaps(open).isEmpty();
    }

    private void createRows(Instant serviceTime) {
      SelfFence.Stamp read = fence.sending(loop.nowNanos());
      reader.list(
          Consistency.STRONG,
          failure -> {
            if (failure != null) {
              done.done(failure);
              return;
            }
            List<List<Lease>> generations =
                Lineage.rowsToCreate(stream, shards, stream.rows(table.leases()), serviceTime);
            create(new ArrayDeque<>(generations), read);
          });
    }

    private void create(ArrayDeque<List<Lease>> generations, SelfFence.Stamp read) {
      List<Lease> generation = generations.poll();
      if (generation == null) {
        done.done(null);
        return;
      }
      new Creations(
              generation,
              read,
              failure -> {
                if (failure != null) {
                  done.done(failure);
                } else {
                  create(generations, read);
                }
              })
          .fill();
    }
  }

  /** The creation of rows that don't depend on each other. */
  private final class Creations {
    private final ArrayDeque<Lease> left;
    private final SelfFence.Stamp read;
    private final Done done;
    private final Backoff backoff = new Backoff(random, attemptNanos / 10, attemptNanos);
    private int inFlight;
    private boolean over;

    /**
     * Creates nothing yet.
     *
     * @param read when the reading of the table was sent from which these rows follow
     */
    Creations(List<Lease> rows, SelfFence.Stamp read, Done done) {
      this.left = new ArrayDeque<>(rows);
      this.read = read;
      this.done = done;
    }

    void fill() {
      while (!over && inFlight < CREATIONS_IN_FLIGHT && !left.isEmpty()) {
        inFlight++;
        create(left.remove(), ids.next());
      }
      if (!over && inFlight == 0) {
        over = true;
        done.done(null);
      }
    }

    private void create(Lease row, WriteId id) {
      if (stopped) {
        over = true;
        return;
      }
      if (!fence.isWithin(read, READING_VALID_NANOS, loop.nowNanos())) {
        over = true;
        done.done(new IllegalStateException("the lease table was read too long ago"));
        return;
      }
      loop.request(
          () -> store.create(row, id),
          attemptNanos,
          (outcome, failure) -> settle(row, id, outcome, failure));
    }

    private void settle(
        Lease row, WriteId id, @Nullable WriteOutcome<Lease> outcome, @Nullable Throwable failure) {
      if (over) {
        return;
      }
      if (outcome instanceof WriteOutcome.Applied<Lease> applied) {
        created(applied.row());
      } else if (outcome instanceof WriteOutcome.Conflict<Lease> conflict) {
        conflict.current().ifPresent(current -> exists(current, id));
        backoff.reset();
        inFlight--;
        fill();
      } else {
        Throwable cause = Failures.of(outcome, failure);
        if (Failures.isFutile(cause) || backoff.failures() >= ATTEMPTS * CREATIONS_IN_FLIGHT) {
          over = true;
          done.done(cause == null ? new IllegalStateException("no reply") : cause);
        } else {
          loop.after(backoff.nextNanos(), () -> create(row, id));
        }
      }
    }

    private void created(Lease row) {
      backoff.reset();
      table.saw(row, loop.nowNanos());
      onCreated.accept(row);
      inFlight--;
      fill();
    }

    /** Somebody else's row, or this very one after a lost reply. */
    private void exists(Lease current, WriteId id) {
      table.saw(current, loop.nowNanos());
      if (current.wasWrittenBy(id)) {
        onCreated.accept(current);
      }
    }
  }
}
