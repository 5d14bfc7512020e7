package io.millrace.integration.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.integration.endpoint.Endpoint;
import io.millrace.integration.endpoint.TestStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.SdkSystemSetting;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.Record;

/** The two encodings and the two HTTP versions that SDK clients speak. */
abstract class WireConformance extends Conformance {
  WireConformance(Endpoint endpoint) {
    super(endpoint);
  }

  @Test
  void cborOverHttp2() {
    roundTrip(client(Protocol.HTTP2));
  }

  @Test
  void cborOverHttp1() {
    roundTrip(client(Protocol.HTTP1_1));
  }

  @Test
  void jsonOverHttp2() {
    roundTrip(jsonClient(Protocol.HTTP2));
  }

  @Test
  void jsonOverHttp1() {
    roundTrip(jsonClient(Protocol.HTTP1_1));
  }

  private void roundTrip(KinesisAsyncClient client) {
    TestStream stream = closing(TestStream.create(client, 1));
    get(
        client.putRecord(
            r ->
                r.streamName(stream.name())
                    .partitionKey("ключ")
                    .data(SdkBytes.fromUtf8String("данные"))));
    String iterator =
        get(client.getShardIterator(
                r ->
                    r.streamName(stream.name())
                        .shardId("shardId-000000000000")
                        .shardIteratorType("TRIM_HORIZON")))
            .shardIterator();

    List<Record> records = get(client.getRecords(r -> r.shardIterator(iterator))).records();

    assertThat(texts(records)).containsExactly("данные");
    assertThat(records.get(0).partitionKey()).isEqualTo("ключ");
    assertThat(records.get(0).approximateArrivalTimestamp()).isNotNull();
  }

  private KinesisAsyncClient jsonClient(Protocol protocol) {
    // Read when a client is built.
    String setting = SdkSystemSetting.CBOR_ENABLED.property();
    System.setProperty(setting, "false");
    try {
      return client(protocol);
    } finally {
      System.clearProperty(setting);
    }
  }

  private KinesisAsyncClient client(Protocol protocol) {
    return closing(endpoint().newKinesisClient(b -> b.httpClientBuilder(Endpoint.http(protocol))));
  }
}
