package io.millrace.benchmarks.fleet;

import static io.millrace.benchmarks.fleet.Clock.secondsBetween;

import io.millrace.benchmarks.Benchmark;
import io.millrace.benchmarks.Figures;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.Shard;

/**
 * How long it takes until records flow: for a new application, for a second worker, for the
 * children of a split shard. The times of workers count from the start of their JVMs.
 */
public final class StartBenchmark implements Benchmark {
  private static final String STREAM = "start";
  private static final int SHARDS = 4;
  private static final String WIDE_STREAM = "wide";
  private static final int WIDE_SHARDS = 1_024;

  /** Enough to tell a first record to 50 ms, and little beside the work that is measured. */
  private static final double RECORDS_PER_SECOND = 20;

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration WIDE_LIMIT = Duration.ofMinutes(2);
  private static final Duration WIDE_POLL_INTERVAL = Duration.ofSeconds(5);
  private static final String ARCHIVED = "start-archive";
  private static final Path ARCHIVE = Path.of("benchmarks", "target", "start-worker.jsa");

  @Override
  public String description() {
    return "first records: new application, second worker, children of a split, 1,024 shards;"
        + " with a class data archive";
  }

  @Override
  public void run(List<String> arguments) throws Exception {
    startAndSplit();
    startWithArchive();
    startWide();
  }

  private static void startAndSplit() throws InterruptedException {
    Deliveries deliveries = new Deliveries();
    try (LocalServices services = LocalServices.start(true, STREAM + ":" + SHARDS);
        Traffic traffic = new Traffic(services.client(), STREAM, deliveries);
        Fleet fleet = Fleet.ofMillrace(services, STREAM, Fleet.POLL_INTERVAL, deliveries)) {
      traffic.start(RECORDS_PER_SECOND);
      TimeUnit.SECONDS.sleep(2);

      double first = firstRecord("new application", fleet.startOne(), deliveries);
      fleet.awaitRest(SHARDS, LIMIT);
      double second = firstRecord("second worker", fleet.startOne(), deliveries);
      fleet.awaitRest(SHARDS, LIMIT);
      double children = split(services.client(), traffic, deliveries);

      traffic.stop();
      Clock.await("every record is delivered", LIMIT, () -> deliveries.missing() == 0);
      Figures.print("start.first_record_s", first);
      Figures.print("start.second_worker_first_record_s", second);
      Figures.print("reshard.children_first_record_s", children);
    }
  }

  /** As a service is deployed whose image holds an archive of its classes. */
  private static void startWithArchive() throws InterruptedException, IOException {
    Deliveries deliveries = new Deliveries();
    try (LocalServices services = LocalServices.start(true, ARCHIVED + ":" + SHARDS);
        Traffic traffic = new Traffic(services.client(), ARCHIVED, deliveries)) {
      traffic.start(RECORDS_PER_SECOND);
      TimeUnit.SECONDS.sleep(2);
      WorkerJvm jvm = WorkerJvm.likeThis();
      Files.deleteIfExists(ARCHIVE);
      try (Fleet trial = archived(services, jvm.writing(ARCHIVE), "trial", deliveries)) {
        WorkerProcess worker = trial.startOne();
        trial.awaitRest(SHARDS, LIMIT);
        worker.terminate();
      }
      try (Fleet fleet = archived(services, jvm.reading(ARCHIVE), ARCHIVED, deliveries)) {
        double first = firstRecord("new application, archive", fleet.startOne(), deliveries);
        fleet.awaitRest(SHARDS, LIMIT);
        double second = firstRecord("second worker, archive", fleet.startOne(), deliveries);
        Figures.print("start.archive.first_record_s", first);
        Figures.print("start.archive.second_worker_first_record_s", second);
      }
    }
  }

  private static Fleet archived(
      LocalServices services, WorkerJvm jvm, String application, Deliveries deliveries) {
    return Fleet.ofMillrace(services, jvm, application, ARCHIVED, Fleet.POLL_INTERVAL, deliveries);
  }

  private static double firstRecord(String what, WorkerProcess worker, Deliveries deliveries)
      throws InterruptedException {
    Clock.await(
        "the first record of the " + what,
        LIMIT,
        () -> deliveries.firstOfWorker(worker.name()).isPresent());
    double seconds =
        secondsBetween(
            worker.startedMicros(), deliveries.firstOfWorker(worker.name()).orElseThrow());
    Clock.await("the " + what + " is ready", LIMIT, () -> worker.readyMicros().isPresent());
    double ready = secondsBetween(worker.startedMicros(), worker.readyMicros().orElseThrow());
    System.out.printf(Locale.ROOT, "%-32s %6.2f s, a member after %.2f s%n", what, seconds, ready);
    return seconds;
  }

  /** From the call that closes the parent, which takes effect at once, to both children's first. */
  private static double split(KinesisAsyncClient kinesis, Traffic traffic, Deliveries deliveries)
      throws InterruptedException {
    Shard parent = traffic.firstShard();
    BigInteger from = new BigInteger(parent.hashKeyRange().startingHashKey());
    BigInteger to = new BigInteger(parent.hashKeyRange().endingHashKey());
    String middle = from.add(to).shiftRight(1).toString();
    long splitMicros = Clock.nowMicros();
    kinesis
        .splitShard(
            r -> r.streamName(STREAM).shardToSplit(parent.shardId()).newStartingHashKey(middle))
        .join();
    traffic.lookForShards();
    List<String> children =
        kinesis.listShards(r -> r.streamName(STREAM)).join().shards().stream()
            .filter(shard -> parent.shardId().equals(shard.parentShardId()))
            .map(Shard::shardId)
            .toList();
    Clock.await(
        "the first records of both children",
        LIMIT,
        () -> children.stream().allMatch(child -> deliveries.firstOfShard(child).isPresent()));
    long firstMicros =
        children.stream()
            .mapToLong(child -> deliveries.firstOfShard(child).orElseThrow())
            .max()
            .orElseThrow();
    double seconds = secondsBetween(splitMicros, firstMicros);
    System.out.printf(Locale.ROOT, "%-32s %6.2f s%n", "both children of a split", seconds);
    return seconds;
  }

  private static void startWide() throws InterruptedException {
    Deliveries deliveries = new Deliveries();
    try (LocalServices services = LocalServices.start(false, WIDE_STREAM + ":" + WIDE_SHARDS);
        Traffic traffic = new Traffic(services.client(), WIDE_STREAM, deliveries);
        Fleet fleet = Fleet.ofMillrace(services, WIDE_STREAM, WIDE_POLL_INTERVAL, deliveries)) {
      traffic.putOne();
      traffic.stop();
      WorkerProcess worker = fleet.startOne();
      double first = firstRecord(WIDE_SHARDS + " shards, the first", worker, deliveries);
      Clock.await(
          "a record of each of " + WIDE_SHARDS + " shards",
          WIDE_LIMIT,
          () -> deliveries.shardCount() == WIDE_SHARDS);
      double all = secondsBetween(worker.startedMicros(), Clock.nowMicros());
      System.out.printf(Locale.ROOT, "%-32s %6.2f s%n", WIDE_SHARDS + " shards, the last", all);
      Figures.print("start.wide_first_record_s", first);
      Figures.print("start.wide_last_shard_s", all);
    }
  }
}
