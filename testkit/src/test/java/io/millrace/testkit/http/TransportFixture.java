package io.millrace.testkit.http;

import io.millrace.testkit.kinesis.call.ConsumerCall;
import io.millrace.testkit.kinesis.model.EncryptionType;
import io.millrace.testkit.kinesis.model.KinesisRecord;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.provider.Arguments;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;

/** An endpoint with a scripted core, and SDK clients for it. */
abstract class TransportFixture {
  static final Instant TIME = Instant.parse("2026-02-03T04:05:06.789Z");
  static final String CONSUMER = "arn:aws:kinesis:us-east-1:1:stream/s/consumer/c:1";
  private static final LocalhostCertificate CERTIFICATE = LocalhostCertificate.create();

  final ScriptedCore core = new ScriptedCore();
  private final List<KinesisAsyncClient> clients = new ArrayList<>();
  HttpEndpoint endpoint;

  @BeforeEach
  void start() {
    endpoint =
        HttpEndpoint.start(
            0, 0, 2, CERTIFICATE, new KinesisService(core, InstantSource.fixed(TIME)));
  }

  @AfterEach
  void stop() {
    endpoint.close();
    clients.forEach(KinesisAsyncClient::close);
  }

  static Stream<Arguments> transportsAndFormats() {
    return Stream.of(Transport.values())
        .flatMap(t -> Stream.of(Arguments.of(t, true), Arguments.of(t, false)));
  }

  final KinesisAsyncClient client(Transport transport, boolean cbor) {
    KinesisAsyncClient client = transport.client(endpoint, CERTIFICATE.certificate(), cbor);
    clients.add(client);
    return client;
  }

  static ConsumerCall.SubscribeToShardEvent event(String continuation, byte[] data) {
    return new ConsumerCall.SubscribeToShardEvent(
        List.of(
            new KinesisRecord(continuation, TIME, ByteBuffer.wrap(data), "k", EncryptionType.NONE)),
        continuation,
        5,
        List.of());
  }

  static PutRecordsRequestEntry entry(String key, byte[] data) {
    return PutRecordsRequestEntry.builder()
        .partitionKey(key)
        .data(SdkBytes.fromByteArrayUnsafe(data))
        .build();
  }

  static byte[] randomBytes(int size) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(size);
    byte[] bytes = new byte[size];
    random.nextBytes(bytes);
    return bytes;
  }
}
