package io.millrace.producer.internal.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.common.KeyValue;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.millrace.producer.internal.send.ServiceFailure.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ObservedKinesisTest {
  private static final StreamAddress STREAM = StreamAddress.parse("clicks");
  private static final List<PutEntry> ENTRIES =
      List.of(
          new PutEntry("canary", null, "canary".getBytes(java.nio.charset.StandardCharsets.UTF_8)));

  private final CompletableFuture<PutRecordsReply> call = new CompletableFuture<>();
  private final ObservationRegistry registry = ObservationRegistry.create();
  private final List<Observation.Context> stopped = new ArrayList<>();

  private final KinesisPort target =
      new KinesisPort() {
        @Override
        public CompletableFuture<PutRecordsReply> putRecords(
            StreamAddress stream, List<PutEntry> entries) {
          return call;
        }

        @Override
        public CompletableFuture<List<ShardDescription>> listShards(StreamAddress stream) {
          return new CompletableFuture<>();
        }

        @Override
        public CompletableFuture<StreamSummary> describeStreamSummary(StreamAddress stream) {
          return new CompletableFuture<>();
        }
      };

  @Test
  void requestIsObservedFromItsStartToItsReplyWithoutContent() {
    observe();
    assertThat(ObservedKinesis.of(target, registry).putRecords(STREAM, ENTRIES)).isSameAs(call);
    assertThat(stopped).isEmpty();
    call.complete(
        new PutRecordsReply(200, "id", List.of(new EntryReply.Rejected("InternalFailure", ""))));
    Observation.Context context = stopped.get(0);
    assertThat(context.getName()).isEqualTo("millrace.producer.request");
    assertThat(context.getLowCardinalityKeyValues())
        .containsExactlyInAnyOrder(KeyValue.of("stream", "clicks"), KeyValue.of("code", "Success"));
    assertThat(context.getHighCardinalityKeyValue("records.rejected").getValue()).isEqualTo("1");
    assertThat(context.toString()).doesNotContain("canary");
  }

  @Test
  void failedAndGivenUpRequestsAreObservedWithTheirCodes() {
    observe();
    ObservedKinesis.of(target, registry).putRecords(STREAM, ENTRIES).cancel(true);
    assertThat(stopped.get(0).getLowCardinalityKeyValue("code").getValue()).isEqualTo("Timeout");
    CompletableFuture<PutRecordsReply> failing = new CompletableFuture<>();
    failing.completeExceptionally(
        new KinesisCallException(
            ServiceFailure.of(Kind.THROTTLED, "LimitExceededException", "slow down", null)));
    KinesisPort failingTarget =
        new KinesisPort() {
          @Override
          public CompletableFuture<PutRecordsReply> putRecords(
              StreamAddress stream, List<PutEntry> entries) {
            return failing;
          }

          @Override
          public CompletableFuture<List<ShardDescription>> listShards(StreamAddress stream) {
            return new CompletableFuture<>();
          }

          @Override
          public CompletableFuture<StreamSummary> describeStreamSummary(StreamAddress stream) {
            return new CompletableFuture<>();
          }
        };
    assertThat(ObservedKinesis.of(failingTarget, registry).putRecords(STREAM, ENTRIES))
        .isCompletedExceptionally();
    assertThat(stopped.get(1).getLowCardinalityKeyValue("code").getValue())
        .isEqualTo("LimitExceededException");
    assertThat(stopped.get(1).getError()).isInstanceOf(KinesisCallException.class);
  }

  @Test
  void whatHandlersThrowDoesNotReachTheRequest() {
    registry
        .observationConfig()
        .observationHandler(
            new ObservationHandler<Observation.Context>() {
              @Override
              public void onStart(Observation.Context context) {
                throw new IllegalStateException("of the test");
              }

              @Override
              public void onStop(Observation.Context context) {
                throw new IllegalStateException("of the test");
              }

              @Override
              public boolean supportsContext(Observation.Context context) {
                return true;
              }
            });
    CompletableFuture<PutRecordsReply> put =
        ObservedKinesis.of(target, registry).putRecords(STREAM, ENTRIES);
    call.complete(new PutRecordsReply(200, "id", List.of()));
    assertThat(put).isCompleted();
  }

  @Test
  void nothingIsWrappedWhereNobodyObserves() {
    assertThat(ObservedKinesis.of(target, ObservationRegistry.NOOP)).isSameAs(target);
  }

  private void observe() {
    registry
        .observationConfig()
        .observationHandler(
            new ObservationHandler<Observation.Context>() {
              @Override
              public void onStop(Observation.Context context) {
                stopped.add(context);
              }

              @Override
              public boolean supportsContext(Observation.Context context) {
                return true;
              }
            });
  }
}
