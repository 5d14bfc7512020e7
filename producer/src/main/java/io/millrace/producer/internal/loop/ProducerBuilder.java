package io.millrace.producer.internal.loop;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.producer.ProducerInterceptor;
import io.millrace.producer.ProducerSettings;
import io.millrace.producer.StreamProducer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/** Collects the parts of a producer and wires it. */
@SuppressWarnings("UnusedVariable")
public final class ProducerBuilder implements StreamProducer.Builder {
  private final KinesisAsyncClient kinesis;
  private final Map<String, UnaryOperator<ProducerSettings.Builder>> overrides =
      new LinkedHashMap<>();
  private final List<ProducerInterceptor> interceptors = new ArrayList<>();
  private ProducerSettings settings = ProducerSettings.defaults();
  private @Nullable MeterRegistry meterRegistry;
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
    throw new UnsupportedOperationException("the producer's loops are not wired yet");
  }
}
