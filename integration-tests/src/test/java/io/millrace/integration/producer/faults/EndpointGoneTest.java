package io.millrace.integration.producer.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.integration.endpoint.CuttingProxy;
import io.millrace.integration.endpoint.TestStream;
import io.millrace.producer.KinesisClients;
import io.millrace.producer.ProducerSettings;
import io.millrace.producer.ProducerStatus.Trouble;
import io.millrace.producer.PutAttempt;
import io.millrace.producer.PutFailedException;
import io.millrace.producer.PutFailure;
import io.millrace.producer.StreamProducer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/** An endpoint whose port refuses connections: it isn't there yet, or it is gone for a while. */
class EndpointGoneTest extends ProducerOverHttp {
  private static final int RECORDS = 500;
  private static final String REFUSED = "NoConnection";

  private CuttingProxy endpoint;
  private KinesisAsyncClient client;

  @BeforeEach
  void open() throws IOException {
    endpoint = new CuttingProxy(server.endpoint(), 1);
    client =
        KinesisClients.tune(server.clientBuilder()).endpointOverride(endpoint.endpoint()).build();
    server.createStream(stream, 2);
  }

  @AfterEach
  void closeEndpoint() throws IOException {
    if (producer != null) {
      producer.close(Duration.ZERO);
    }
    client.close();
    endpoint.close();
  }

  private void startProducer(ProducerSettings.Builder settings) {
    producer = StreamProducer.builder(client).settings(settings.build()).build();
  }

  @Test
  void endpointThatIsNotThereYetIsWaitedFor() throws Exception {
    endpoint.shut();
    startProducer(settings());
    putMany(RECORDS);
    TestStream.await("the trouble is told", this::isRefusalTold);
    endpoint.open();
    awaitAll();
    assertEverythingStored();
    assertThat(puts.values())
        .as("nothing was ever in doubt")
        .noneMatch(put -> put.join().possibleDuplicate());
  }

  @Test
  void endpointThatIsGoneForAWhileIsWaitedForAndTheAttemptsTellIt() throws Exception {
    startProducer(settings());
    putMany(10);
    awaitAll();
    endpoint.shut();
    putMany(RECORDS);
    TestStream.await("the trouble is told", this::isRefusalTold);
    endpoint.open();
    awaitAll();
    assertEverythingStored();
    puts.values()
        .forEach(
            put -> {
              List<PutAttempt> attempts = put.join().attempts();
              assertThat(attempts.get(attempts.size() - 1).code()).isEqualTo("Success");
            });
    assertThat(puts.values())
        .as("some were tried in vain before")
        .anyMatch(put -> put.join().attempts().stream().anyMatch(a -> a.code().equals(REFUSED)));
  }

  /**
   * Outside of the ordinary build, which it would prolong by its minute: {@code ./mvnw -pl
   * integration-tests -am verify -DexcludedGroups=interop -Dtest=EndpointGoneTest
   * -Dsurefire.failIfNoSpecifiedTests=false}.
   */
  @Test
  @Tag("long")
  void endpointThatIsGoneForAMinuteCostsNoRecordAtTheDefaultTimes() throws Exception {
    startProducer(ProducerSettings.builder());
    putMany(10);
    awaitAll();
    endpoint.shut();
    putMany(RECORDS);
    TestStream.await(
        "a minute of refusals is told",
        Duration.ofMinutes(3),
        () -> refused().compareTo(Duration.ofMinutes(1)) >= 0);
    putMany(RECORDS);
    endpoint.open();
    awaitAll();
    assertEverythingStored();
    TestStream.await("the trouble is over", () -> trouble().isEmpty());
  }

  @Test
  void endpointThatNeverComesIsNamedWithTheReasonWhenTheTimeIsOver() throws Exception {
    // So that what a first call loads does not take the time in which the refusal is told.
    TestStream.get(client.listStreams());
    endpoint.shut();
    startProducer(settings().deliveryTimeout(Duration.ofSeconds(5)));
    PutFailedException failure = failureOf(put("in vain"));
    assertThat(failure.reason()).isEqualTo(PutFailure.EXPIRED);
    assertThat(failure.mayHaveBeenWritten()).isFalse();
    assertThat(failure)
        .hasMessageContaining(stream)
        .hasMessageContaining("deliveryTimeout")
        .hasMessageContaining(REFUSED);
    TestStream.await("the producer holds nothing", () -> producer.status().bytes() == 0);
  }

  private boolean isRefusalTold() {
    return trouble().isPresent();
  }

  /** For how long connections are refused now. */
  private Duration refused() {
    return trouble().map(Trouble::since).orElse(Duration.ZERO);
  }

  private Optional<Trouble> trouble() {
    return producer.status().streams().get(0).trouble().filter(t -> t.code().equals(REFUSED));
  }
}
