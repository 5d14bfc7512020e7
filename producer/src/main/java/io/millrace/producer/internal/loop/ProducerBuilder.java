package io.millrace.producer.internal.loop;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import io.millrace.producer.ProducerInterceptor;
import io.millrace.producer.ProducerSettings;
import io.millrace.producer.StreamProducer;
import io.millrace.producer.internal.sdk.ClientTraits;
import io.millrace.producer.internal.sdk.SdkKinesis;
import io.millrace.producer.internal.send.ObservedKinesis;
import io.millrace.producer.internal.send.StreamAddress;
import io.millrace.producer.internal.settle.CallbackPool;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/** Collects the parts of a producer and wires it. */
public final class ProducerBuilder implements StreamProducer.Builder {
  private static final Logger LOG = LoggerFactory.getLogger(StreamProducer.class);
  private static final AtomicInteger LOOPS = new AtomicInteger();
  private static final AtomicInteger CALLBACKS = new AtomicInteger();

  /** User code may block; a few threads keep that from stopping everybody's callbacks. */
  private static final int CALLBACK_THREADS = 4;

  private final KinesisAsyncClient kinesis;
  private final Map<String, UnaryOperator<ProducerSettings.Builder>> overrides =
      new LinkedHashMap<>();
  private final List<ProducerInterceptor> interceptors = new ArrayList<>();
  private ProducerSettings settings = ProducerSettings.defaults();
  private @Nullable MeterRegistry meterRegistry;
  private ObservationRegistry observationRegistry = ObservationRegistry.NOOP;
  private @Nullable Executor callbackExecutor;

  /** Starts with the client to send with. */
  public ProducerBuilder(KinesisAsyncClient kinesis) {
    this.kinesis = Objects.requireNonNull(kinesis, "kinesis");
  }

  @Override
  public ProducerBuilder settings(ProducerSettings settings) {
    this.settings = Objects.requireNonNull(settings, "settings");
    return this;
  }

  @Override
  public ProducerBuilder settingsFor(
      String stream, UnaryOperator<ProducerSettings.Builder> override) {
    overrides.put(
        Objects.requireNonNull(stream, "stream"), Objects.requireNonNull(override, "override"));
    return this;
  }

  @Override
  public ProducerBuilder meterRegistry(MeterRegistry registry) {
    this.meterRegistry = Objects.requireNonNull(registry, "registry");
    return this;
  }

  @Override
  public ProducerBuilder observationRegistry(ObservationRegistry registry) {
    this.observationRegistry = Objects.requireNonNull(registry, "registry");
    return this;
  }

  @Override
  public ProducerBuilder callbackExecutor(Executor executor) {
    this.callbackExecutor = Objects.requireNonNull(executor, "executor");
    return this;
  }

  @Override
  public ProducerBuilder interceptor(ProducerInterceptor interceptor) {
    interceptors.add(Objects.requireNonNull(interceptor, "interceptor"));
    return this;
  }

  @Override
  public StreamProducer build() {
    overrides.keySet().forEach(StreamAddress::parse);
    ProducerConfig config = ProducerConfig.of(settings, overrides, interceptors);
    ClientTraits traits = ClientTraits.of(kinesis, settings.requestTimeout());
    CallbackPool callbacks =
        new CallbackPool(callbackExecutor, CALLBACK_THREADS, threads("callback", CALLBACKS));
    ProducerCore producer =
        new ProducerCore(
            config,
            ObservedKinesis.of(new SdkKinesis(kinesis, traits), observationRegistry),
            callbacks,
            meterRegistry,
            // Jitter needs no secrets, only that producers differ.
            new SplittableRandom());
    Runner runner = new Runner(producer.loop(), threads("loop", LOOPS));
    producer.wakeBy(runner::wake);
    runner.start();
    LOG.info("producer started with {}", settings);
    return producer;
  }

  private static ThreadFactory threads(String what, AtomicInteger number) {
    return task -> {
      Thread thread =
          new Thread(task, "millrace-producer-" + what + "-" + number.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }
}
