package io.millrace.benchmarks.fleet;

import io.millrace.benchmarks.fleet.worker.Job;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** The worker processes of one application. Confined to one thread. */
final class Fleet implements AutoCloseable {
  static final Duration POLL_INTERVAL = Duration.ofMillis(200);

  private static final long QUIET_MICROS = TimeUnit.SECONDS.toMicros(3);
  private static final long RECENT_MICROS = TimeUnit.SECONDS.toMicros(1);

  private final LocalServices services;
  private final Job.Library library;
  private final String application;
  private final String stream;
  private final Duration pollInterval;
  private final WorkerJvm jvm;
  private final Deliveries deliveries;
  private final List<WorkerProcess> workers = new ArrayList<>();
  private int started;

  private Fleet(
      LocalServices services,
      Job.Library library,
      String application,
      String stream,
      Duration pollInterval,
      WorkerJvm jvm,
      Deliveries deliveries) {
    this.services = services;
    this.library = library;
    this.application = application;
    this.stream = stream;
    this.pollInterval = pollInterval;
    this.jvm = jvm;
    this.deliveries = deliveries;
  }

  /** A fleet of Millrace without workers, for an application named as its stream. */
  static Fleet ofMillrace(
      LocalServices services, String stream, Duration pollInterval, Deliveries deliveries) {
    return ofMillrace(services, WorkerJvm.likeThis(), stream, stream, pollInterval, deliveries);
  }

  /** A fleet of Millrace without workers. */
  static Fleet ofMillrace(
      LocalServices services,
      WorkerJvm jvm,
      String name,
      String stream,
      Duration pollInterval,
      Deliveries deliveries) {
    return new Fleet(
        services, Job.Library.MILLRACE, "fleet-" + name, stream, pollInterval, jvm, deliveries);
  }

  /**
   * A fleet of Millrace without workers, for an application named as its stream.
   *
   * @param library in which of its modes
   */
  static Fleet ofMillrace(
      Job.Library library,
      LocalServices services,
      String stream,
      Duration pollInterval,
      Deliveries deliveries) {
    return new Fleet(
        services,
        library,
        "fleet-" + stream,
        stream,
        pollInterval,
        WorkerJvm.likeThis(),
        deliveries);
  }

  /**
   * A fleet of the KCL without workers, on the class path that it was released with.
   *
   * @throws IllegalStateException if the build has not resolved that
   */
  static Fleet ofKcl(
      LocalServices services, String stream, Duration pollInterval, Deliveries deliveries) {
    return new Fleet(
        services,
        Job.Library.KCL,
        "fleet-" + stream,
        stream,
        pollInterval,
        WorkerJvm.on(kclClassPath()),
        deliveries);
  }

  private static String kclClassPath() {
    Path file = Path.of("benchmarks", "kcl", "target", "kcl.classpath");
    try {
      return Path.of("benchmarks", "target", "classes")
          + File.pathSeparator
          + Files.readString(file).strip();
    } catch (IOException e) {
      throw new IllegalStateException("no " + file + ": build benchmarks/kcl first", e);
    }
  }

  /** The application's name. */
  String application() {
    return application;
  }

  /** Starts another worker, and returns at once. */
  WorkerProcess startOne() {
    String name = library.name().toLowerCase(Locale.ROOT) + "-" + application + "-" + ++started;
    Job job =
        new Job(
            library,
            services.kinesis(),
            services.dynamoDb(),
            application,
            stream,
            name,
            pollInterval);
    WorkerProcess worker = WorkerProcess.start(job, jvm, deliveries);
    workers.add(worker);
    return worker;
  }

  /** The workers that live, the oldest first. */
  List<WorkerProcess> workers() {
    workers.removeIf(worker -> !worker.isAlive());
    return List.copyOf(workers);
  }

  /** Waits until every worker delivers, all shards move, and no shard has changed hands for 3 s. */
  void awaitRest(int shards, Duration limit) throws InterruptedException {
    Set<String> names = new HashSet<>();
    workers().forEach(worker -> names.add(worker.name()));
    Clock.await(
        "the " + names.size() + " workers share " + shards + " shards and are at rest",
        limit,
        () -> {
          long now = Clock.nowMicros();
          Map<String, String> owners = deliveries.owners(now - RECENT_MICROS);
          return owners.size() == shards
              && new HashSet<>(owners.values()).equals(names)
              && deliveries.handovers(now - QUIET_MICROS).isEmpty();
        });
  }

  @Override
  public void close() {
    workers.forEach(WorkerProcess::close);
  }
}
