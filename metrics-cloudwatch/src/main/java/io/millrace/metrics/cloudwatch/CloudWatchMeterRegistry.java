package io.millrace.metrics.cloudwatch;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.core.instrument.distribution.pause.PauseDetector;
import io.micrometer.core.instrument.step.StepMeterRegistry;
import io.micrometer.core.instrument.step.StepRegistryConfig;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.cloudwatch.CloudWatchAsyncClient;
import software.amazon.awssdk.services.cloudwatch.model.MetricDatum;
import software.amazon.awssdk.services.cloudwatch.model.PutMetricDataRequest;

/**
 * A Micrometer registry that publishes every step to CloudWatch: timers and distribution summaries
 * as statistic sets (sample count, sum, minimum, maximum), counters and gauges as values.
 *
 * <pre>{@code
 * CloudWatchMeterRegistry registry =
 *     CloudWatchMeterRegistry.builder(CloudWatchAsyncClient.create(), "MyApplication").build();
 * StreamProducer producer = StreamProducer.builder(kinesis).meterRegistry(registry).build();
 * }</pre>
 *
 * <p>Under the names of the KPL or the KCL: {@link KplNaming}, {@link KclNaming}.
 *
 * <p><b>Guarantees.</b> Recording a sample never waits for CloudWatch. A request that fails is
 * counted ({@link #failedRequests()}) and logged with its error code, without the data; its step is
 * not sent again, and nothing of it reaches the producer or the consumer. A meter without a sample
 * in a step is not published for it; what a meter has counted is published even if it is removed
 * within the step.
 *
 * <p><b>Cost.</b> CloudWatch bills each combination of name and dimensions as a metric of its own:
 * choose the level of the meters accordingly, or filter with {@code config().meterFilter(...)}.
 *
 * <p><b>Life cycle.</b> {@link Builder#build()} starts a daemon thread {@code millrace-metrics-1};
 * {@link #close()} publishes what the last step has collected so far, waits at most 5 s for it, and
 * leaves the client open.
 *
 * <p>Thread-safe.
 */
public final class CloudWatchMeterRegistry extends StepMeterRegistry {
  /** What meters left behind that went since the last publish: bounds the memory. */
  static final int MAX_DEPARTED_DATA = 10_000;

  private static final Logger LOG = LoggerFactory.getLogger(CloudWatchMeterRegistry.class);
  private static final Duration LAST_PUBLISH_LIMIT = Duration.ofSeconds(5);
  private static final Pattern NAMESPACE = Pattern.compile("(?!AWS/)[0-9A-Za-z.\\-_/#: ]{1,255}");

  private final CloudWatchAsyncClient client;
  private final String namespace;
  private final MetricNaming naming;
  private final List<MetricDimension> extraDimensions;
  private final long stepMillis;
  private final AtomicLong failedRequests = new AtomicLong();

  /** Meters whose name or value can't be published: told once each. */
  private final Set<Meter.Id> unpublishable = ConcurrentHashMap.newKeySet();

  private final BlockingQueue<MetricDatum> departed = new ArrayBlockingQueue<>(MAX_DEPARTED_DATA);

  /** The number of the step under way when data was last published. */
  private volatile long publishedInStep = -1;

  private volatile CompletableFuture<?> lastPublish = CompletableFuture.completedFuture(null);

  private CloudWatchMeterRegistry(Builder builder, StepRegistryConfig config) {
    super(config, builder.clock);
    this.client = builder.client;
    this.namespace = builder.namespace;
    this.naming = builder.naming;
    this.extraDimensions = List.copyOf(builder.dimensions);
    this.stepMillis = config.step().toMillis();
    config().onMeterRemoved(this::keepDeparted);
  }

  /**
   * Starts to describe a registry.
   *
   * @param client sends the requests with its own credentials, region and retries; never closed by
   *     the registry. Needs the permission {@code cloudwatch:PutMetricData}
   * @param namespace the CloudWatch namespace: 1 to 255 characters of {@code 0-9 A-Z a-z . - _ / #
   *     :} and blank, not beginning with {@code AWS/}
   * @throws IllegalArgumentException if the namespace breaks its rule
   */
  public static Builder builder(CloudWatchAsyncClient client, String namespace) {
    return new Builder(client, namespace);
  }

  /** Requests that failed since the start; each lost the data of one step, at most 1,000. */
  public long failedRequests() {
    return failedRequests.get();
  }

  @Override
  protected Timer newTimer(
      Meter.Id id, DistributionStatisticConfig config, PauseDetector pauseDetector) {
    return new StatisticTimer(id, clock, config, pauseDetector, getBaseTimeUnit(), stepMillis);
  }

  @Override
  protected DistributionSummary newDistributionSummary(
      Meter.Id id, DistributionStatisticConfig config, double scale) {
    return new StatisticSummary(id, clock, config, scale, stepMillis);
  }

  @Override
  protected TimeUnit getBaseTimeUnit() {
    return TimeUnit.MILLISECONDS;
  }

  /**
   * Publishes the step that has ended. A meter that can't be read, or whose name the service would
   * refuse together with all others of its request, is left out.
   */
  @Override
  protected void publish() {
    MetricSnapshot snapshot = newSnapshot();
    publishedInStep = currentStep();
    getMeters().forEach(meter -> addTo(snapshot, meter));
    List<MetricDatum> data = new ArrayList<>();
    departed.drainTo(data);
    data.addAll(snapshot.data());
    List<CompletableFuture<?>> requests = new ArrayList<>();
    for (List<MetricDatum> part : RequestPacker.pack(data)) {
      requests.add(send(part));
    }
    CompletableFuture<?> before = lastPublish;
    CompletableFuture<?> now = CompletableFuture.allOf(requests.toArray(CompletableFuture[]::new));
    lastPublish = before.isDone() ? now : CompletableFuture.allOf(before, now);
  }

  /**
   * Meters go when their shard is closed or its lease moves: what they have counted since the last
   * publish is kept for the next one. Beyond {@link #MAX_DEPARTED_DATA} it is dropped.
   */
  private void keepDeparted(Meter meter) {
    if (!MetricSnapshot.hasSteps(meter)) {
      return;
    }
    MetricSnapshot snapshot = newSnapshot();
    if (publishedInStep != currentStep()) {
      addTo(snapshot, meter);
    }
    MetricSnapshot.endStep(meter);
    addTo(snapshot, meter);
    for (MetricDatum datum : snapshot.data()) {
      boolean unused = departed.offer(datum);
    }
  }

  private MetricSnapshot newSnapshot() {
    return new MetricSnapshot(naming, extraDimensions, Instant.ofEpochMilli(clock.wallTime()));
  }

  private long currentStep() {
    return clock.wallTime() / stepMillis;
  }

  private void addTo(MetricSnapshot snapshot, Meter meter) {
    try {
      snapshot.add(meter);
    } catch (RuntimeException e) {
      if (unpublishable.add(meter.getId())) {
        // Deliberate: without the tags, and without what an application's own exception says.
        LOG.warn(
            "meter {} is not published to CloudWatch: {}",
            meter.getId().getName(),
            e instanceof IllegalArgumentException ? e.getMessage() : e.getClass().getName());
      }
    }
  }

  @Override
  public void close() {
    if (isClosed()) {
      return;
    }
    // Publishes a step that has ended and was not published, ends all steps, and publishes again.
    super.close();
    awaitLastPublish();
  }

  private CompletableFuture<?> send(List<MetricDatum> data) {
    PutMetricDataRequest request =
        PutMetricDataRequest.builder().namespace(namespace).metricData(data).build();
    try {
      return client
          .putMetricData(request)
          .handle(
              (reply, failure) -> {
                if (failure != null) {
                  countFailure(failure, data.size());
                }
                return reply;
              });
    } catch (RuntimeException e) {
      countFailure(e, data.size());
      return CompletableFuture.completedFuture(null);
    }
  }

  private void countFailure(Throwable failure, int dataCount) {
    long failures = failedRequests.incrementAndGet();
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    // Deliberate: the class only, as a service message may quote the request.
    LOG.warn(
        "CloudWatch did not take {} data of namespace {}: {} ({} failed requests so far)",
        dataCount,
        namespace,
        cause.getClass().getSimpleName(),
        failures);
  }

  private void awaitLastPublish() {
    try {
      lastPublish.get(LAST_PUBLISH_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("CloudWatch did not answer the last request within {}", LAST_PUBLISH_LIMIT);
    }
  }

  /** Describes a {@link CloudWatchMeterRegistry}. Confined to the thread that uses it. */
  public static final class Builder {
    private final CloudWatchAsyncClient client;
    private final String namespace;
    private final List<MetricDimension> dimensions = new ArrayList<>();
    private Duration step = Duration.ofMinutes(1);
    private MetricNaming naming = MetricNaming.MICROMETER;
    private Clock clock = Clock.SYSTEM;

    private Builder(CloudWatchAsyncClient client, String namespace) {
      if (!NAMESPACE.matcher(namespace).matches()) {
        throw new IllegalArgumentException(
            "namespace '"
                + namespace
                + "' is not allowed: it must have 1 to 255 characters of 0-9 A-Z a-z . - _ / # :"
                + " and blank, and not begin with AWS/");
      }
      this.client = client;
      this.namespace = namespace;
    }

    /**
     * How often to publish; the period of each statistic set.
     *
     * @param step default 1 minute, at least 1 s. CloudWatch keeps periods under a minute only for
     *     high-resolution metrics, so a shorter step costs requests and shows nothing more
     * @throws IllegalArgumentException if shorter than 1 s
     */
    public Builder step(Duration step) {
      if (step.compareTo(Duration.ofSeconds(1)) < 0) {
        throw new IllegalArgumentException("step is " + step + ": it must be at least PT1S");
      }
      this.step = step;
      return this;
    }

    /**
     * Under which names to publish.
     *
     * @param naming default {@link MetricNaming#MICROMETER}
     */
    public Builder naming(MetricNaming naming) {
      this.naming = naming;
      return this;
    }

    /**
     * Adds a dimension to every metric, such as the environment.
     *
     * @throws IllegalArgumentException if name or value is empty or too long, see {@link
     *     MetricDimension}
     */
    public Builder dimension(String name, String value) {
      dimensions.add(new MetricDimension(name, value));
      return this;
    }

    Builder clock(Clock clock) {
      this.clock = clock;
      return this;
    }

    /** Makes the registry and starts its publishing thread. */
    public CloudWatchMeterRegistry build() {
      CloudWatchMeterRegistry registry = buildUnstarted();
      registry.start(daemonThreads());
      return registry;
    }

    /** For tests, which publish by hand. */
    CloudWatchMeterRegistry buildUnstarted() {
      Duration configuredStep = step;
      return new CloudWatchMeterRegistry(
          this,
          new StepRegistryConfig() {
            @Override
            public String prefix() {
              return "millrace.cloudwatch";
            }

            @Override
            public @Nullable String get(String key) {
              return null;
            }

            @Override
            public Duration step() {
              return configuredStep;
            }
          });
    }

    private static ThreadFactory daemonThreads() {
      return task -> {
        Thread thread = new Thread(task, "millrace-metrics-1");
        thread.setDaemon(true);
        return thread;
      };
    }
  }
}
