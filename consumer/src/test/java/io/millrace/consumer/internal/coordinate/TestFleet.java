package io.millrace.consumer.internal.coordinate;

import io.millrace.consumer.ConsumerSettings;
import io.millrace.consumer.Fetching;
import io.millrace.consumer.StartAt;
import io.millrace.consumer.internal.admin.Administration;
import io.millrace.consumer.internal.coordinate.WorkerSettings.StreamToRead;
import io.millrace.consumer.internal.fetch.Reply;
import io.millrace.consumer.internal.fetch.StreamPort;
import io.millrace.consumer.internal.loop.EventLoop;
import io.millrace.consumer.internal.shard.LeasedShard;
import io.millrace.consumer.lease.InMemoryLeaseStore;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.consumer.lease.WorkerRow;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Worker loops over one in-memory lease store, on virtual time, in one thread, from one seed. */
final class TestFleet {
  private static final long CHECK_NANOS = Duration.ofMillis(2).toNanos();

  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private long sequence;
  private long nowNanos = Duration.ofHours(1).toNanos();
  private final ArrayDeque<Supplier<String>> trace = new ArrayDeque<>();
  private int incarnations;
  final Random random;
  final InMemoryLeaseStore tables = new InMemoryLeaseStore();
  final FakeStream stream;
  final Ledger ledger;
  private final List<Ledger> others = new ArrayList<>();
  final Map<String, Node> nodes = new TreeMap<>();
  ConsumerSettings settings = ConsumerSettings.defaults();
  StartAt startAt = StartAt.trimHorizon();
  String streamName = "clicks";
  boolean manyStreams;

  private record Event(long at, long order, Runnable action) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = Long.compare(at, other.at);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  TestFleet(int shards, long seed) {
    this.random = new Random(seed);
    this.stream = new FakeStream(shards, () -> nowNanos);
    this.ledger = new Ledger(stream);
  }

  /** One more stream, with a ledger of its own. */
  Ledger addStream(String name, int shards) {
    Ledger added =
        new Ledger(new FakeStream(name, 1_000 * (1 + others.size()), shards, () -> nowNanos));
    others.add(added);
    return added;
  }

  private Ledger ledgerOf(LeasedShard shard) {
    return others.stream()
        .filter(other -> other.stream().identity().arn().equals(shard.stream().arn()))
        .findFirst()
        .orElse(ledger);
  }

  /** What the service knows of all streams. */
  private final class AllStreams implements StreamPort {
    private FakeStream named(String nameOrArn) {
      return others.stream()
          .map(Ledger::stream)
          .filter(other -> other.isNamed(nameOrArn))
          .findFirst()
          .orElse(stream);
    }

    @Override
    public CompletionStage<Reply<StreamDescription>> describeStream(String nameOrArn) {
      return named(nameOrArn).describeStream(nameOrArn);
    }

    @Override
    public CompletionStage<Reply<ShardPage>> listShards(
        String streamArn, Optional<String> nextToken) {
      return named(streamArn).listShards(streamArn, nextToken);
    }
  }

  /** One process. */
  final class Node implements InstantSource {
    final String id;
    final EventLoop loop;
    final WorkerLoop worker;
    final FaultyStore store;
    final FakeConsumers consumers;
    private long nextTickNanos = Long.MAX_VALUE;
    CompletableFuture<Void> started = new CompletableFuture<>();
    boolean dead;
    boolean paused;
    private boolean suspended;
    Duration wallOffset = Duration.ZERO;
    private long standstillNanos;
    private long drift;
    private long driftSinceNanos;

    Node(String id) {
      this.id = id;
      this.loop = new EventLoop(nowNanos, this);
      this.store = new FaultyStore(tables, TestFleet.this::after, random, call -> traced(id, call));
      this.consumers = new FakeConsumers(id, TestFleet.this::ledgerOf);
      this.worker =
          new WorkerLoop(
              new WorkerLoop.Parts(loop, store.view(), new AllStreams(), consumers, this, random),
              new WorkerSettings(
                  "app",
                  id,
                  "inc" + ++incarnations,
                  List.of(new StreamToRead(streamName, startAt, Fetching.polling())),
                  manyStreams,
                  settings));
      loop.onPost(() -> wakeAt(nowNanos));
    }

    /** The node's monotonic clock: it may drift, and stand still while suspended. */
    long monotonic() {
      return nowNanos - standstillNanos + (nowNanos - driftSinceNanos) / 1_000_000 * drift;
    }

    /** Makes the clock run faster or slower, in parts per million. */
    void driftPpm(long ppm) {
      drift = ppm;
      driftSinceNanos = nowNanos;
    }

    @Override
    public Instant instant() {
      return FakeStream.EPOCH.plusNanos(nowNanos).plus(wallOffset);
    }

    private void wakeAt(long atNanos) {
      if (atNanos < nextTickNanos) {
        nextTickNanos = atNanos;
        at(atNanos, () -> tick(atNanos));
      }
    }

    private void tick(long scheduledFor) {
      if (scheduledFor != nextTickNanos || dead || paused) {
        return;
      }
      nextTickNanos = Long.MAX_VALUE;
      long next = worker.tick(monotonic());
      if (next != Long.MAX_VALUE) {
        wakeAt(nowNanos + Math.max(next, 1_000));
      }
    }

    Node start() {
      started = worker.start();
      return this;
    }

    void kill() {
      dead = true;
    }

    void pause() {
      paused = true;
    }

    /** Goes on after {@link #pause}; its monotonic clock has gone on meanwhile. */
    void resume() {
      if (suspended) {
        return;
      }
      paused = false;
      nextTickNanos = Long.MAX_VALUE;
      wakeAt(nowNanos);
    }

    /** Suspends the machine for a time during which its monotonic clock stands still. */
    void suspend(Duration time) {
      if (paused) {
        return;
      }
      pause();
      suspended = true;
      after(
          time.toNanos(),
          () -> {
            standstillNanos += time.toNanos();
            suspended = false;
            resume();
          });
    }

    boolean isStopped() {
      return worker.stopped().isDone();
    }

    long held() {
      return leases().stream().filter(lease -> lease.isHeldBy(id) && !lease.isFinished()).count();
    }
  }

  /** Somebody with the lease store and nothing else. */
  final class Operator implements InstantSource {
    final FaultyStore store;
    final EventLoop loop;
    private final Administration administration;
    private long nextTickNanos = Long.MAX_VALUE;
    boolean gone;

    Operator() {
      String name = "operator" + ++incarnations;
      this.loop = new EventLoop(nowNanos, this);
      this.store =
          new FaultyStore(tables, TestFleet.this::after, random, call -> traced(name, call));
      this.administration =
          new Administration(loop, store.view(), "app", Duration.ofSeconds(2), name, random);
      loop.onPost(() -> wakeAt(nowNanos));
    }

    @Override
    public Instant instant() {
      return FakeStream.EPOCH.plusNanos(nowNanos);
    }

    private void wakeAt(long atNanos) {
      if (atNanos < nextTickNanos) {
        nextTickNanos = atNanos;
        at(atNanos, () -> tick(atNanos));
      }
    }

    private void tick(long scheduledFor) {
      if (scheduledFor == nextTickNanos && !gone) {
        nextTickNanos = Long.MAX_VALUE;
        long next = loop.tick(nowNanos);
        if (next != Long.MAX_VALUE) {
          wakeAt(nowNanos + Math.max(next, 1_000));
        }
      }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // Its result is handed on.
    <T> CompletableFuture<T> ask(Function<Administration, CompletableFuture<T>> request) {
      CompletableFuture<T> result = new CompletableFuture<>();
      loop.post(
          () ->
              request
                  .apply(administration)
                  .whenComplete(
                      (value, failure) -> {
                        if (failure == null) {
                          result.complete(value);
                        } else {
                          result.completeExceptionally(
                              failure.getCause() == null ? failure : failure.getCause());
                        }
                      }));
      return result;
    }
  }

  /** Does what an operator asks, and returns what came of it. */
  <T> T operate(Function<Administration, CompletableFuture<T>> request) {
    CompletableFuture<T> done = new Operator().ask(request);
    runUntil(done::isDone, Duration.ofMinutes(3));
    return done.join();
  }

  /** Why what an operator asks is refused. */
  Throwable refusal(Function<Administration, CompletableFuture<?>> request) {
    CompletableFuture<Object> done =
        new Operator().ask(admin -> request.apply(admin).thenApply(value -> (Object) value));
    runUntil(done::isDone, Duration.ofMinutes(3));
    return done.handle((value, failure) -> failure).join();
  }

  Node node(String id) {
    Node node = new Node(id);
    nodes.put(id, node);
    return node;
  }

  Node start(String id) {
    return node(id).start();
  }

  long now() {
    return nowNanos;
  }

  void at(long atNanos, Runnable action) {
    events.add(new Event(atNanos, sequence++, action));
  }

  void after(long nanos, Runnable action) {
    at(nowNanos + nanos, action);
  }

  void run(Duration time) {
    long end = nowNanos + time.toNanos();
    while (!events.isEmpty() && events.peek().at() <= end) {
      step();
    }
    nowNanos = end;
  }

  private void step() {
    Event event = events.remove();
    nowNanos = Math.max(nowNanos, event.at());
    event.action().run();
    for (Ledger other : others) {
      if (other.broken != null) {
        throw new AssertionError(other.broken + " at " + at(nowNanos));
      }
    }
    if (ledger.broken != null) {
      throw new AssertionError(ledger.broken + " at " + at(nowNanos) + trace(ledger.broken));
    }
  }

  /** The last calls but those that come all the time. */
  private String lastCalls() {
    List<String> lines = new ArrayList<>();
    for (Supplier<String> call : trace) {
      String line = call.get();
      if (!line.contains(" heartbeat[") && !line.contains(" checkpoint[")) {
        lines.add(line);
      }
    }
    return "\n" + String.join("\n", lines.subList(Math.max(0, lines.size() - 60), lines.size()));
  }

  private static String at(long nanos) {
    return "%.3f s".formatted((nanos - Duration.ofHours(1).toNanos()) / 1e9);
  }

  private void traced(String node, Supplier<String> what) {
    long nanos = nowNanos;
    trace.add(() -> at(nanos) + " " + node + " " + what.get());
    if (trace.size() > 100_000) {
      trace.remove();
    }
  }

  /** The calls that concern the shard which a message names. */
  private String trace(String message) {
    Matcher shard = Pattern.compile("shardId-\\d+").matcher(message);
    StringBuilder lines = new StringBuilder();
    List<String> names = new ArrayList<>();
    while (shard.find()) {
      names.add(shard.group());
    }
    for (Supplier<String> call : trace) {
      String line = call.get();
      if (names.stream().anyMatch(line::contains) && !line.contains(" heartbeat[")) {
        lines.append('\n').append(line);
      }
    }
    return lines.toString();
  }

  /** Runs until something holds, and returns how long it took. */
  Duration runUntil(BooleanSupplier condition, Duration limit) {
    long begun = nowNanos;
    long end = nowNanos + limit.toNanos();
    // Not after each event: the conditions read whole tables.
    long checkNanos = nowNanos;
    while (true) {
      boolean last = events.isEmpty() || events.peek().at() > end;
      if (last || nowNanos >= checkNanos) {
        checkNanos = nowNanos + CHECK_NANOS;
        if (condition.getAsBoolean()) {
          return Duration.ofNanos(nowNanos - begun);
        }
      }
      if (last) {
        throw new AssertionError(
            "not within " + limit + "; rows: " + leases() + workers() + lastCalls());
      }
      step();
    }
  }

  List<Lease> leases() {
    List<Lease> all = new ArrayList<>();
    String page = null;
    do {
      LeaseStore.LeasePage got =
          tables.listLeases(LeaseStore.Consistency.STRONG, page).toCompletableFuture().join();
      all.addAll(got.leases());
      page = got.nextPageToken();
    } while (page != null);
    return all;
  }

  Lease lease(ShardId shard) {
    return leases().stream()
        .filter(row -> row.key().shard().equals(shard))
        .findFirst()
        .orElseThrow();
  }

  List<WorkerRow> workers() {
    return tables.readFleet().toCompletableFuture().join().workers();
  }

  /** Runs until all workers have the same number of unfinished leases, give or take one. */
  Duration runUntilBalanced(Duration limit) {
    return runUntil(
        () -> {
          long least = Long.MAX_VALUE;
          long most = 0;
          long sum = 0;
          for (Node node : nodes.values()) {
            if (!node.dead && !node.isStopped()) {
              long held = node.held();
              least = Math.min(least, held);
              most = Math.max(most, held);
              sum += held;
            }
          }
          long unfinished = leases().stream().filter(row -> !row.isFinished()).count();
          boolean settled = leases().stream().noneMatch(Lease::isClaimed);
          return settled && sum == unfinished && sum > 0 && most - least <= 1;
        },
        limit);
  }

  /** Runs until every record but the very last was delivered. */
  Duration runUntilUpToDate(Duration limit) {
    return runUntil(() -> ledger.isUpToDate(nowNanos, Duration.ofMillis(500).toNanos()), limit);
  }
}
