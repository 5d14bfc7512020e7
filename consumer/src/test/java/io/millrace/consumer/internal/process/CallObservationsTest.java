package io.millrace.consumer.internal.process;

import static io.millrace.consumer.internal.testing.TestRecords.plain;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.common.KeyValue;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.transport.ReceiverContext;
import io.millrace.aggregation.AggregateEncoder;
import io.millrace.aggregation.Headers;
import io.millrace.consumer.handler.BatchResult;
import io.millrace.consumer.internal.fetch.KinesisRecord;
import io.millrace.consumer.internal.testing.FakeOwnership;
import io.millrace.consumer.internal.testing.TestRecords;
import io.millrace.consumer.internal.testing.Worker;
import io.millrace.model.ShardId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CallObservationsTest {
  private static final ShardId SHARD = new ShardId("shardId-000000000000");

  private final Worker worker = new Worker();
  private final FakeOwnership lease = new FakeOwnership();
  private final ObservationRegistry registry = ObservationRegistry.create();
  private final List<String> story = new ArrayList<>();
  private final List<Observation.Context> contexts = new ArrayList<>();

  @BeforeEach
  void setUp() {
    registry
        .observationConfig()
        .observationHandler(
            new ObservationHandler<Observation.Context>() {
              @Override
              public void onStart(Observation.Context context) {
                contexts.add(context);
                story.add("start " + traceOf(context));
              }

              @Override
              public void onStop(Observation.Context context) {
                Throwable error = context.getError();
                story.add("stop" + (error == null ? "" : " " + error.getClass().getSimpleName()));
              }

              @Override
              public boolean supportsContext(Observation.Context context) {
                return true;
              }
            });
    worker.hooks = new ApplicationHooks(loss -> {}, registry, Optional.empty());
  }

  @SuppressWarnings("unchecked")
  private static String traceOf(Observation.Context context) {
    if (context instanceof ReceiverContext<?> received) {
      ReceiverContext<Object> receiver = (ReceiverContext<Object>) received;
      return String.valueOf(receiver.getGetter().get(receiver.getCarrier(), "traceparent"));
    }
    return "-";
  }

  private static KinesisRecord traced(long n, String... traces) {
    AggregateEncoder encoder = new AggregateEncoder(1 << 20);
    for (String trace : traces) {
      encoder.tryAdd(
          "secret-key",
          null,
          ByteBuffer.wrap("secret-data".getBytes(StandardCharsets.UTF_8)),
          Headers.builder().add("traceparent", trace).build());
    }
    return new KinesisRecord(
        TestRecords.sequence(n), "a", Instant.EPOCH, ByteBuffer.wrap(encoder.finish()));
  }

  @Test
  void callIsObservedInItsScopeWithTheTraceOfTheRecordsHeaders() {
    List<Boolean> inScope = new ArrayList<>();
    worker.onRecord(record -> inScope.add(registry.getCurrentObservation() != null));
    worker.kinesis.put(SHARD, traced(1, "trace-1", "trace-2"), plain(2));
    worker.grant(SHARD, lease);
    worker.settle();
    assertThat(inScope).containsExactly(true, true, true);
    assertThat(story)
        .containsExactly("start trace-1", "stop", "start trace-2", "stop", "start null", "stop");
    assertThat(registry.getCurrentObservation()).as("left on the thread").isNull();
    Observation.Context first = contexts.get(0);
    assertThat(first.getName()).isEqualTo("millrace.consumer.process");
    assertThat(first.getLowCardinalityKeyValues())
        .extracting(KeyValue::getKey)
        .contains("application", "stream");
    assertThat(first.getAllKeyValues().toString()).doesNotContain("secret");
  }

  @Test
  void failedCallCarriesItsErrorAndEachAttemptIsObserved() {
    int[] left = {2};
    worker.onRecord(
        record -> {
          if (left[0]-- > 0) {
            throw new IllegalStateException("not yet");
          }
        });
    worker.kinesis.put(SHARD, plain(1));
    worker.grant(SHARD, lease);
    worker.run(Duration.ofSeconds(5));
    assertThat(story)
        .containsExactly(
            "start null",
            "stop IllegalStateException",
            "start null",
            "stop IllegalStateException",
            "start null",
            "stop");
  }

  @Test
  void asynchronousCallIsObservedUntilItsStageCompletes() {
    CompletableFuture<Void> stage = new CompletableFuture<>();
    worker.process(new Processing.Handler(new UserCode.AsyncRecords(record -> stage)));
    worker.kinesis.put(SHARD, plain(1));
    worker.grant(SHARD, lease);
    worker.settle();
    assertThat(story).containsExactly("start null");
    stage.completeExceptionally(new IllegalArgumentException("no"));
    assertThat(story).containsExactly("start null", "stop IllegalArgumentException");
  }

  @Test
  void batchOfManyOriginsBeginsATraceOfItsOwn() {
    worker.process(new Processing.Handler(new UserCode.Batches(batch -> BatchResult.ok())));
    worker.kinesis.put(SHARD, traced(1, "trace-1", "trace-2"));
    worker.grant(SHARD, lease);
    worker.settle();
    assertThat(story).containsExactly("start -", "stop");
  }
}
