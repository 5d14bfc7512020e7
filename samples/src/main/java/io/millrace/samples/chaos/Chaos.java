package io.millrace.samples.chaos;

import io.millrace.samples.clicks.Traffic;
import io.millrace.samples.fleet.DemoStream;
import io.millrace.samples.fleet.Fleet;
import io.millrace.samples.fleet.MemberProcess;
import io.millrace.samples.fleet.Narrator;
import io.millrace.samples.fleet.Reason;
import io.millrace.samples.fleet.Surroundings;
import io.millrace.samples.fleet.Worker;
import io.millrace.samples.ledger.Ledger;
import io.millrace.samples.ledger.Reconciliation;
import io.millrace.samples.ledger.StaleDeliveries;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/**
 * Three worker processes on DynamoDB Local and the testkit's endpoint, killed and suspended at
 * random under load. Exit status 0 = every stored event was delivered, every key in order, and no
 * owner went on after a later one had begun; 1 = not so; 2 = the command line or the surroundings
 * are not right.
 */
public final class Chaos {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final String RUN = "chaos";

  private final ChaosOptions options;
  private final Narrator narrator = new Narrator();

  private Chaos(ChaosOptions options) {
    this.options = options;
  }

  /** See {@code --help}. */
  public static void main(String[] args) throws InterruptedException {
    if (Arrays.asList(args).contains("--help")) {
      System.out.println(ChaosOptions.USAGE);
      return;
    }
    ChaosOptions options;
    try {
      options = ChaosOptions.parse(args);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage() + "\n" + ChaosOptions.USAGE);
      System.exit(2);
      return;
    }
    System.exit(status(options));
  }

  private static int status(ChaosOptions options) throws InterruptedException {
    try (Surroundings surroundings =
        Surroundings.of(Optional.empty(), Optional.empty(), "us-east-1")) {
      return new Chaos(options).run(surroundings) ? 0 : 1;
    } catch (CompletionException | IllegalStateException e) {
      System.err.println("Chaos can't go on: " + Reason.of(e));
      return 2;
    }
  }

  private boolean run(Surroundings surroundings) throws InterruptedException {
    if (surroundings.inMemoryLeases()) {
      throw new IllegalStateException("DynamoDB Local is needed: the workers are processes");
    }
    Ledger ledger = new Ledger(options.records());
    SplittableRandom random = new SplittableRandom(options.seed());
    Mayhem mayhem;
    boolean arrived;
    try (KinesisAsyncClient kinesis = surroundings.connection().kinesisClient();
        Fleet fleet =
            new Fleet(
                ledger,
                (worker, reports) ->
                    MemberProcess.start(
                        surroundings.connection(),
                        new Worker.Job(worker, RUN, RUN, RUN, true, false, 1),
                        surroundings.logs().resolve(RUN + "-" + worker + ".log"),
                        reports));
        Traffic traffic = new Traffic(kinesis, ledger, random.split(), RUN)) {
      new DemoStream(kinesis, RUN).create();
      fleet.start(ChaosOptions.WORKERS);
      narrator.say(
          "seed %d: %d workers are ready; putting %,d events at %,d/s",
          options.seed(), ChaosOptions.WORKERS, options.records(), options.rate());
      CompletableFuture<Void> put =
          inBackground(() -> traffic.put(RUN, options.records(), options.rate()));
      mayhem = new Mayhem(fleet, ChaosOptions.WORKERS, random, narrator);
      mayhem.rage(
          () -> {
            fleet.deserter().ifPresent(Chaos::deserted);
            return put.isDone();
          });
      put.join();
      narrator.say("every event is put; %,d are still to be delivered", ledger.missingCount());
      arrived = awaitArrival(ledger);
    }
    return report(ledger.reconcile(), mayhem, arrived);
  }

  /** Until every stored event has been delivered, or nothing moves any more. */
  private static boolean awaitArrival(Ledger ledger) throws InterruptedException {
    int missing = ledger.missingCount();
    long movedNanos = System.nanoTime();
    while (missing > 0) {
      TimeUnit.MILLISECONDS.sleep(100);
      int now = ledger.missingCount();
      if (now != missing) {
        missing = now;
        movedNanos = System.nanoTime();
      } else if (System.nanoTime() - movedNanos > PATIENCE_NANOS) {
        return false;
      }
    }
    return true;
  }

  private boolean report(Reconciliation result, Mayhem mayhem, boolean arrived) {
    StaleDeliveries stale = StaleDeliveries.among(result.deliveries(), mayhem.suspended());
    System.out.println();
    line("workers", "%s", mayhem);
    line("put", "%,d, failed %,d", result.put(), result.failed());
    line("delivered", "%,d, lost %,d", result.delivered(), result.lost());
    line("duplicates", "%,d", result.repeats().size());
    line(
        "stale owners",
        "%,d deliveries after a later owner's first; %,d calls were under way at a suspension",
        stale.violations().size(),
        stale.underWay());
    line("order", "%,d violations among %,d keys", result.orderViolations(), result.keys());
    stale.violations().stream().limit(10).forEach(System.out::println);
    boolean good = arrived && result.good() && stale.violations().isEmpty();
    if (!good) {
      System.out.printf("not good; again with --seed %d%n", options.seed());
    }
    return good;
  }

  private static void line(String what, String format, Object... values) {
    System.out.printf(Locale.ROOT, "%-18s%s%n", what, String.format(Locale.ROOT, format, values));
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

  private static void deserted(String what) {
    throw new IllegalStateException(what);
  }

  /** Work that may be interrupted. */
  private interface Interruptible {
    void run() throws InterruptedException;
  }
}
