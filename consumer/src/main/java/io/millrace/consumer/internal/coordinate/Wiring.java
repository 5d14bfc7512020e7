package io.millrace.consumer.internal.coordinate;

import io.millrace.consumer.Replay;
import io.millrace.consumer.StreamConsumer;
import io.millrace.consumer.internal.admin.StoreFleetAdmin;
import io.millrace.consumer.internal.fetch.FanOutPort;
import io.millrace.consumer.internal.fetch.FetchPort;
import io.millrace.consumer.internal.fetch.StreamPort;
import io.millrace.consumer.internal.fetch.sdk.SdkKinesis;
import io.millrace.consumer.internal.loop.EventLoop;
import io.millrace.consumer.internal.process.HandlerThreads;
import io.millrace.consumer.internal.shard.DataPath;
import io.millrace.consumer.internal.shard.ShardConsumers;
import io.millrace.consumer.lease.LeaseStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/**
 * Builds a stream consumer out of its parts: the worker loop, the data path, the ports to Kinesis,
 * and the thread that reads the clock. Nothing else of the library reads a clock or seeds chance.
 */
public final class Wiring {
  private Wiring() {}

  /** See {@link StreamConsumer#builder}. */
  public static StreamConsumer.Builder builder(
      String application, KinesisAsyncClient kinesis, LeaseStore leases) {
    return new WorkerBuilder(application, kinesis, leases);
  }

  /** See {@link Replay#builder}. */
  public static Replay.Builder replay(String name, KinesisAsyncClient kinesis, LeaseStore leases) {
    return new ReplayBuilder(new WorkerBuilder(name, kinesis, leases));
  }

  /** The ways to Kinesis. */
  record Ports(FetchPort polling, FanOutPort fanOut, StreamPort streams) {}

  static Worker build(WorkerBuilder builder) {
    SdkKinesis kinesis =
        new SdkKinesis(builder.kinesis, builder.settings.requestTimeout(), InstantSource.system());
    return build(builder, new Ports(kinesis, kinesis, kinesis));
  }

  static Worker build(WorkerBuilder builder, Ports ports) {
    SecureRandom entropy = new SecureRandom();
    InstantSource wallClock = InstantSource.system();
    EventLoop loop = new EventLoop(System.nanoTime(), wallClock);
    WorkerSettings settings =
        new WorkerSettings(
            builder.application,
            builder.settings.workerId().orElseGet(() -> hostName() + "-" + hex(entropy, 4)),
            hex(entropy, 8),
            builder.streams,
            builder.manyStreams || builder.streams.size() > 1,
            builder.settings);

    Handlers handlers = Handlers.of(builder.handlers, builder.parallelism);
    HandlerMark mark = new HandlerMark();
    ShardConsumers consumers =
        new ShardConsumers(
            new DataPath(
                builder.application,
                builder.settings,
                builder.failurePolicy,
                builder.processing.get(0),
                builder.parallelism,
                builder.order,
                ports.polling(),
                ports.fanOut(),
                mark.around(handlers.executor()),
                System::nanoTime,
                wallClock,
                new SplittableRandom(entropy.nextLong()),
                builder.meters,
                builder.hooks,
                builder.excerpt,
                event -> loop.post(() -> event.apply(loop.nowNanos()))));
    WorkerLoop workerLoop =
        new WorkerLoop(
            new WorkerLoop.Parts(
                loop,
                builder.leases,
                ports.streams(),
                consumers,
                wallClock,
                new SplittableRandom(entropy.nextLong())),
            settings);
    return new Worker(
        workerLoop,
        loop,
        new StoreFleetAdmin(
            builder.application,
            builder.leases,
            Duration.ofNanos(settings.timing().attemptNanos())),
        consumers,
        mark,
        builder.settings.stallAfter(),
        builder.drainOnShutdown,
        handlers.end());
  }

  /**
   * Where user code runs.
   *
   * @param end interrupts what still runs when its worker owns nothing any more; without effect on
   *     an executor of the application
   */
  private record Handlers(Executor executor, Runnable end) {
    static Handlers of(@Nullable Executor given, int parallelism) {
      if (given != null) {
        return new Handlers(given, () -> {});
      }
      int cores = Runtime.getRuntime().availableProcessors();
      ExecutorService pool = HandlerThreads.pool(HandlerThreads.defaultSize(cores, parallelism));
      return new Handlers(pool, pool::shutdownNow);
    }
  }

  /** The host as its environment names it: asking the network could take its time. */
  private static String hostName() {
    for (String variable : List.of("HOSTNAME", "COMPUTERNAME")) {
      String host = System.getenv(variable);
      if (host != null && !host.isEmpty()) {
        return host.length() > 100 ? host.substring(0, 100) : host;
      }
    }
    return "worker";
  }

  private static String hex(SecureRandom entropy, int bytes) {
    byte[] random = new byte[bytes];
    entropy.nextBytes(random);
    return HexFormat.of().formatHex(random);
  }
}
