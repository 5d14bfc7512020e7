package io.millrace.integration.badinput;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.consumer.StartAt;
import io.millrace.consumer.StreamConsumer;
import io.millrace.consumer.lease.InMemoryLeaseStore;
import io.millrace.integration.endpoint.ClosedPort;
import io.millrace.integration.endpoint.TestStream;
import io.millrace.producer.ProducerSettings;
import io.millrace.producer.PutFailedException;
import io.millrace.producer.PutFailure;
import io.millrace.producer.StreamProducer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/** Wrong streams, regions, credentials, endpoints, keys, sizes, names and contents. */
class BadInputTest extends BadInput {
  @Test
  void unknownStreamFailsThePut() throws Exception {
    PutFailedException failure = putError(producer(client()), "no-such-stream");

    assertThat(failure.reason()).isEqualTo(PutFailure.STREAM_MISSING);
    assertThat(failure).hasMessageContainingAll("no-such-stream", "us-east-1");
  }

  @Test
  void unknownStreamFailsTheStart() throws Exception {
    assertThat(startError(consumer(client(), "no-such-stream")))
        .hasMessageContainingAll("no-such-stream", "us-east-1");
  }

  @Test
  void streamOfAnotherRegionFailsTheStartAndNamesTheRegion() throws Exception {
    KinesisAsyncClient elsewhere = closing(server.clientBuilder().region(Region.EU_WEST_1).build());

    assertThat(startError(consumer(elsewhere, "clicks-of-us-east-1")))
        .hasMessageContaining("eu-west-1");
    assertThat(putError(producer(elsewhere), "clicks-of-us-east-1"))
        .hasMessageContaining("eu-west-1");
  }

  @Test
  void missingCredentialsFailThePutAndTheStart() throws Exception {
    AwsCredentialsProvider none =
        () -> {
          throw SdkClientException.create("Unable to load credentials from any of the providers");
        };
    KinesisAsyncClient anonymous =
        closing(server.clientBuilder().credentialsProvider(none).build());

    PutFailedException failure = putError(producer(anonymous), "clicks");
    assertThat(failure.reason()).isEqualTo(PutFailure.ACCESS_DENIED);
    assertThat(failure).hasMessageContaining("credentials");
    assertThat(startError(consumer(anonymous, "clicks"))).hasMessageContaining("credentials");
  }

  @Test
  void endpointThatRefusesConnectionsFailsTheStart() throws Exception {
    KinesisAsyncClient nowhere = clientOfAClosedPort();

    assertThat(startError(consumer(nowhere, "clicks")))
        .hasMessageContainingAll("clicks", "can't be reached", "endpoint", "ConnectException");
  }

  @Test
  void endpointThatRefusesConnectionsFailsThePutWhenItsTimeIsOver() throws Exception {
    ProducerSettings.Builder impatient =
        ProducerSettings.builder()
            .requestTimeout(Duration.ofSeconds(1))
            .deliveryTimeout(Duration.ofSeconds(3));
    PutFailedException failure = putError(producer(clientOfAClosedPort(), impatient), "clicks");

    assertThat(failure.reason()).isEqualTo(PutFailure.EXPIRED);
    assertThat(failure.mayHaveBeenWritten()).isFalse();
    assertThat(failure).hasMessageContainingAll("clicks", "deliveryTimeout");
  }

  @Test
  void emptyKeyIsRefusedAtTheDoor() {
    StreamProducer producer = producer(client());

    assertThatThrownBy(() -> producer.put("clicks", "", new byte[1]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("partitionKey", "1", "256");
  }

  @Test
  void keyOf257CharactersIsRefusedAtTheDoor() {
    StreamProducer producer = producer(client());

    assertThatThrownBy(() -> producer.put("clicks", "k".repeat(257), new byte[1]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("partitionKey", "257", "256");
  }

  @Test
  void dataBeyondTheStreamsLimitIsRefusedWithItsSize() throws Exception {
    StreamProducer producer = producer(client());
    byte[] data = new byte[1_048_577];

    PutFailedException failure =
        PutFailedException.in(
                org.assertj.core.api.Assertions.catchThrowable(
                    () -> TestStream.get(producer.put("clicks", "key", data))))
            .orElseThrow();
    assertThat(failure.reason()).isEqualTo(PutFailure.RECORD_REFUSED);
    assertThat(failure).hasMessageContaining("1048576");
  }

  @Test
  void dataBeyondEveryStreamsLimitIsRefusedAtTheDoor() {
    StreamProducer producer = producer(client());

    assertThatThrownBy(() -> producer.put("clicks", "key", new byte[10 * 1_048_576 + 1]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("10485761", "10485760");
  }

  @Test
  void malformedArnIsRefusedAtTheDoor() {
    StreamProducer producer = producer(client());
    String arn = "arn:aws:kinesis:us-east-1:stream/clicks";

    assertThatThrownBy(() -> producer.put(arn, "key", new byte[1]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(arn, "arn:");
    assertThatThrownBy(() -> consumer(client(), arn))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(arn, "arn:");
  }

  @Test
  void consumerWithoutAHandlerOrWithTwoIsRefused() {
    assertThatThrownBy(
            () ->
                StreamConsumer.builder("app", client(), new InMemoryLeaseStore()).stream(
                        "clicks", StartAt.latest())
                    .build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("handler");
  }

  @Test
  void foreignAndCorruptRecordsNeverKillAWorker() throws Exception {
    byte[] magicOnly = {(byte) 0xF3, (byte) 0x89, (byte) 0x9A, (byte) 0xC2};
    byte[] brokenAggregate = new byte[64];
    System.arraycopy(magicOnly, 0, brokenAggregate, 0, 4);
    KinesisAsyncClient kinesis = client();
    for (byte[] data :
        List.of(
            magicOnly, brokenAggregate, new byte[0], "plain".getBytes(StandardCharsets.US_ASCII))) {
      TestStream.get(
          kinesis.putRecord(
              r -> r.streamName("clicks").partitionKey("key").data(SdkBytes.fromByteArray(data))));
    }
    AtomicInteger count = new AtomicInteger();
    StreamConsumer consumer =
        closing(
            StreamConsumer.builder("app", kinesis, new InMemoryLeaseStore()).stream(
                    "clicks", StartAt.trimHorizon())
                .onRecord(received -> count.incrementAndGet())
                .build());

    TestStream.get(consumer.start());

    TestStream.await("all four", () -> count.get() == 4);
    TestStream.await("the worker is alive", () -> consumer.health().live());
    assertThat(consumer.stopped()).isNotDone();
  }

  private KinesisAsyncClient clientOfAClosedPort() throws Exception {
    return closing(
        server.clientBuilder().endpointOverride(closing(new ClosedPort()).endpoint()).build());
  }
}
