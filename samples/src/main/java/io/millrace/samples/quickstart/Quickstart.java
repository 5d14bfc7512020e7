package io.millrace.samples.quickstart;

import io.millrace.consumer.lease.InMemoryLeaseStore;
import io.millrace.consumer.lease.LeaseStore;
import io.millrace.producer.PutFailedException;
import io.millrace.samples.clicks.Traffic;
import io.millrace.samples.fleet.Connection;
import io.millrace.samples.fleet.DemoStream;
import io.millrace.samples.fleet.Fleet;
import io.millrace.samples.fleet.Member;
import io.millrace.samples.fleet.MemberProcess;
import io.millrace.samples.fleet.MemberThread;
import io.millrace.samples.fleet.Narrator;
import io.millrace.samples.fleet.Reason;
import io.millrace.samples.fleet.Reports;
import io.millrace.samples.fleet.Surroundings;
import io.millrace.samples.fleet.Worker;
import io.millrace.samples.ledger.Ledger;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Function;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/**
 * Starts an endpoint, a stream, a producer and a fleet of workers, makes life hard for them, and
 * counts what came of it. Exit status 0 = nothing lost and every key in order, 1 = not so, 2 = the
 * command line or the surroundings are not right.
 */
public final class Quickstart {
  private static final long PROGRESS_MILLIS = 1_000;
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(120);

  private final Options options;
  private final Narrator narrator = new Narrator();

  private Quickstart(Options options) {
    this.options = options;
  }

  public static void main(String[] args) throws Exception {
    if (Arrays.asList(args).contains("--help")) {
      System.out.println(Options.USAGE);
      return;
    }
    Options options;
    try {
      options = Options.parse(args);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage() + "\n" + Options.USAGE);
      System.exit(2);
      return;
    }
    System.exit(status(options));
  }

  private static int status(Options options) throws InterruptedException {
    try (Surroundings surroundings =
        Surroundings.of(options.endpoint(), options.dynamoDbEndpoint(), options.region())) {
      return new Quickstart(options).run(surroundings) ? 0 : 1;
    } catch (CompletionException | IllegalStateException | IllegalArgumentException e) {
      System.err.println("The quickstart can't go on: " + Reason.of(e));
      return 2;
    }
  }

  private boolean run(Surroundings surroundings) throws InterruptedException {
    String run = UUID.randomUUID().toString().substring(0, 8);
    Connection connection = surroundings.connection();
    try (KinesisAsyncClient kinesis = connection.kinesisClient()) {
      boolean ownStream = options.stream().isEmpty();
      DemoStream stream =
          new DemoStream(kinesis, options.stream().orElse("millrace-quickstart-" + run));
      if (ownStream) {
        stream.create();
      } else {
        stream.missing().ifPresent(why -> refuse(options.stream().orElseThrow(), why));
      }
      try {
        return run(surroundings, kinesis, stream, run, ownStream);
      } finally {
        if (ownStream && !surroundings.ownKinesis()) {
          stream.delete();
        }
      }
    }
  }

  private boolean run(
      Surroundings surroundings,
      KinesisAsyncClient kinesis,
      DemoStream stream,
      String run,
      boolean ownStream)
      throws InterruptedException {
    narrator.say(
        "stream %s with %d shards, %d workers%s",
        stream.name(),
        stream.openShardCount(),
        options.workers(),
        surroundings.inMemoryLeases() ? " in this process" : ", each a process of its own");
    Ledger ledger = new Ledger(options.records());
    String application = "millrace-quickstart-" + run;
    BiFunction<String, Reports, Member> starter =
        starter(surroundings, kinesis, application, stream.name(), run, ownStream);
    Story story;
    boolean arrived;
    Optional<PutFailedException> firstFailure;
    try (Fleet fleet = new Fleet(ledger, starter);
        Traffic traffic = new Traffic(kinesis, ledger, new SplittableRandom(run.hashCode()), run)) {
      fleet.start(options.workers());
      narrator.say(
          "%d workers are ready; putting at %,d events/s", options.workers(), options.rate());
      story = new Story(ledger, fleet, stream, event -> narrator.say("%s", event));
      Story playing = story;
      CompletableFuture<Void> put =
          inBackground(() -> traffic.put(stream.name(), options.records(), options.rate()));
      CompletableFuture<Void> told = inBackground(() -> playing.play(options.records(), ownStream));
      arrived = watch(ledger, fleet, put, told);
      firstFailure = traffic.firstFailure();
    }
    surroundings.cleanUp(application);
    Report report = new Report(ledger.reconcile(), story, Worker.FAILOVER_TIME);
    report.lines().forEach(System.out::println);
    firstFailure.ifPresent(
        failure -> System.out.println("first failed put: " + failure.getMessage()));
    if (!arrived) {
      System.out.printf(
          "gave up: nothing moved for %d s; the workers' logs are in %s%n",
          TimeUnit.NANOSECONDS.toSeconds(PATIENCE_NANOS), surroundings.logs());
    }
    return arrived && report.good();
  }

  /** Shows how it goes once a second, until every event has arrived or nothing moves any more. */
  private boolean watch(
      Ledger ledger, Fleet fleet, CompletableFuture<Void> put, CompletableFuture<Void> told)
      throws InterruptedException {
    int settled = 0;
    int delivered = 0;
    long movedNanos = System.nanoTime();
    long shownNanos = movedNanos;
    while (true) {
      TimeUnit.MILLISECONDS.sleep(50);
      if (put.isCompletedExceptionally() || told.isCompletedExceptionally()) {
        put.getNow(null);
        told.getNow(null);
      }
      long nowNanos = System.nanoTime();
      if (ledger.settledCount() != settled || ledger.deliveredCount() != delivered) {
        settled = ledger.settledCount();
        delivered = ledger.deliveredCount();
        movedNanos = nowNanos;
      }
      if (nowNanos - shownNanos >= TimeUnit.MILLISECONDS.toNanos(PROGRESS_MILLIS)) {
        shownNanos += TimeUnit.MILLISECONDS.toNanos(PROGRESS_MILLIS);
        narrator.say(
            "put %,7d   delivered %,7d   behind %,6d   leases %s",
            ledger.acknowledgedCount(), delivered, ledger.missingCount(), fleet.leases());
        fleet.deserter().ifPresent(Quickstart::deserted);
      }
      if (put.isDone() && told.isDone() && ledger.missingCount() == 0) {
        return true;
      }
      if (nowNanos - movedNanos > PATIENCE_NANOS) {
        return false;
      }
    }
  }

  private BiFunction<String, Reports, Member> starter(
      Surroundings surroundings,
      KinesisAsyncClient kinesis,
      String application,
      String stream,
      String run,
      boolean fromTheStart) {
    Function<String, Worker.Job> jobs =
        worker ->
            new Worker.Job(
                worker,
                application,
                stream,
                run,
                fromTheStart,
                options.fanOut(),
                options.parallelism());
    if (surroundings.inMemoryLeases()) {
      LeaseStore leases = new InMemoryLeaseStore();
      return (worker, reports) -> new MemberThread(jobs.apply(worker), kinesis, leases, reports);
    }
    Path logs = surroundings.logs();
    return (worker, reports) ->
        MemberProcess.start(
            surroundings.connection(), jobs.apply(worker), logs.resolve(worker + ".log"), reports);
  }

  private static CompletableFuture<Void> inBackground(Interruptible work) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
                done.complete(null);
              } catch (InterruptedException | RuntimeException e) {
                done.completeExceptionally(e);
              }
            });
    thread.setDaemon(true);
    thread.start();
    return done;
  }

  private static void refuse(String stream, String why) {
    throw new IllegalStateException("--stream " + stream + ": " + why);
  }

  private static void deserted(String what) {
    throw new IllegalStateException(what);
  }

  /** Work that may be interrupted. */
  private interface Interruptible {
    void run() throws InterruptedException;
  }
}
