package io.millrace.producer.internal.loop;

import static io.millrace.producer.internal.loop.Harness.failureOf;
import static io.millrace.producer.internal.loop.Harness.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.producer.ProducerInterceptor;
import io.millrace.producer.PutFailedException;
import io.millrace.producer.PutFailure;
import io.millrace.producer.PutResult;
import io.millrace.producer.UserRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Code of the application's around a record: interceptors and callbacks. */
@SuppressWarnings("FutureReturnValueIgnored") // the harness keeps them
class ProducerInterceptorsTest {
  @Test
  void anExceptionInACallbackHarmsNobodyElse() {
    Harness h = new Harness(settings(), 1).warm();
    List<String> outcomes = new ArrayList<>();
    h.producer.put(
        Harness.STREAM,
        UserRecord.of("a", new byte[1]),
        (result, failure) -> {
          throw new IllegalStateException("user code");
        });
    h.producer.put(
        Harness.STREAM, UserRecord.of("a", new byte[1]), (result, failure) -> outcomes.add("b"));
    h.advance(Duration.ofMillis(100));
    assertThat(outcomes).containsExactly("b");
    h.assertSettled();
  }

  @Test
  void interceptorsChangeRecordsAndSeeOutcomes() {
    List<String> seen = new ArrayList<>();
    ProducerInterceptor interceptor =
        new ProducerInterceptor() {
          @Override
          public UserRecord beforePut(String stream, UserRecord record) {
            return record.toBuilder().header("trace", "42").build();
          }

          @Override
          public void afterResult(String stream, PutResult result, PutFailedException failure) {
            seen.add(stream + " " + (failure == null));
          }
        };
    Harness h = new Harness(settings().build(), new FakeKinesis(1), 1, List.of(interceptor));
    var a = h.put("a", "1");
    h.advance(Duration.ofSeconds(1));
    assertThat(a).isCompleted();
    assertThat(seen).containsExactly("clicks true");
  }

  @Test
  void whateverAnInterceptorThrowsTheOutcomeIsTold() {
    ProducerInterceptor broken =
        new ProducerInterceptor() {
          @Override
          public void afterResult(String stream, PutResult result, PutFailedException failure) {
            throw new StackOverflowError("of the test");
          }
        };
    Harness h = new Harness(settings().build(), new FakeKinesis(1), 1, List.of(broken));
    var put = h.put("a", "1");
    h.advance(Duration.ofSeconds(1));
    assertThat(put).isCompleted();
    h.assertSettled();
  }

  @Test
  void whatAnInterceptorThrowsBeforeThePutLeavesPutAndTheRecordIsNotAccepted() {
    ProducerInterceptor strict =
        new ProducerInterceptor() {
          @Override
          public UserRecord beforePut(String stream, UserRecord record) {
            throw new IllegalStateException("of the test");
          }
        };
    Harness h = new Harness(settings().build(), new FakeKinesis(1), 1, List.of(strict));
    assertThatThrownBy(() -> h.put("a", "1")).isInstanceOf(IllegalStateException.class);
    h.advance(Duration.ofSeconds(1));
    assertThat(h.kinesis.puts).isEmpty();
    h.assertSettled();
  }

  @Test
  void interceptorsRunInTheOrderAddedAndHearOfPutsThatFailAtTheDoor() {
    List<String> calls = new ArrayList<>();
    List<ProducerInterceptor> interceptors = new ArrayList<>();
    for (String name : List.of("first", "second")) {
      interceptors.add(
          new ProducerInterceptor() {
            @Override
            public UserRecord beforePut(String stream, UserRecord record) {
              calls.add(name + " before");
              return record;
            }

            @Override
            public void afterResult(String stream, PutResult result, PutFailedException failure) {
              calls.add(name + " after " + failure.reason());
            }
          });
    }
    Harness h = new Harness(settings().build(), new FakeKinesis(1), 1, interceptors);
    h.producer.loop().close(0, true);
    h.advance(Duration.ofMillis(1));
    var put = h.producer.put(Harness.STREAM, "a", new byte[1]);
    h.runCallbacks();
    assertThat(failureOf(put).reason()).isEqualTo(PutFailure.CLOSED);
    assertThat(calls)
        .containsExactly(
            "first before", "second before", "first after CLOSED", "second after CLOSED");
  }
}
