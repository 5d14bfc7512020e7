package io.millrace.testkit.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.millrace.testkit.kinesis.call.Delivery;
import io.millrace.testkit.kinesis.call.Empty;
import io.millrace.testkit.kinesis.call.RecordCall;
import io.millrace.testkit.kinesis.model.EncryptionType;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients may send by hand over HTTP/1.1, well-formed or not. */
class Http1ConnectionTest {
  private static final String DELETE = "{\"StreamName\":\"s\"}";

  private final ScriptedCore core = new ScriptedCore();
  private HttpEndpoint endpoint;
  private Socket socket;

  @BeforeEach
  void connect() throws IOException {
    InstantSource clock = InstantSource.fixed(Instant.parse("2026-02-03T04:05:06Z"));
    endpoint =
        HttpEndpoint.start(0, 0, 1, LocalhostCertificate.create(), new KinesisService(core, clock));
    socket = new Socket(InetAddress.getLoopbackAddress(), endpoint.port());
    socket.setSoTimeout(90_000);
    core.answers(Empty.EMPTY);
  }

  @AfterEach
  void disconnect() throws IOException {
    socket.close();
    endpoint.close();
  }

  @Test
  void answerHasTheServicesHeaders() throws IOException {
    send(post("DeleteStream", DELETE));

    Response response = receive();

    assertThat(response.status()).isEqualTo("HTTP/1.1 200 OK");
    assertThat(response.head()).contains("date: Tue, 03 Feb 2026 04:05:06 GMT");
    assertThat(response.head()).contains("content-type: application/x-amz-json-1.1");
    assertThat(response.head()).containsPattern("x-amzn-requestid: [0-9a-f-]{36}");
    assertThat(response.body()).isEqualTo("{}");
  }

  @Test
  void connectionServesOneRequestAfterAnother() throws IOException {
    for (int i = 0; i < 3; i++) {
      send(post("DeleteStream", DELETE));
      assertThat(receive().status()).endsWith("200 OK");
    }
  }

  @Test
  void pipelinedRequestsAreAnsweredInTheirOrder() throws IOException {
    core.does(
        request -> {
          RecordCall.GetShardIterator call = (RecordCall.GetShardIterator) request;
          Duration delay = Duration.ofMillis(call.shardId().equals("0") ? 50 : 0);
          return new Delivery.Answer<>(
              new RecordCall.GetShardIteratorReply("iterator-" + call.shardId()), delay.toNanos());
        });
    StringBuilder requests = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      requests.append(
          post("GetShardIterator", "{\"ShardId\":\"" + i + "\",\"ShardIteratorType\":\"LATEST\"}"));
    }
    send(requests.toString());

    for (int i = 0; i < 40; i++) {
      assertThat(receive().body()).isEqualTo("{\"ShardIterator\":\"iterator-" + i + "\"}");
    }
  }

  @Test
  void connectionClosesWhereTheClientAsksForIt() throws IOException {
    send(post("DeleteStream", DELETE).replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));

    assertThat(receive().head()).contains("connection: close");
    assertThat(socket.getInputStream().read()).isEqualTo(-1);
  }

  @Test
  void bodyMayComeInChunks() throws IOException {
    String chunks = "4\r\n{\"St\r\ne\r\nreamName\":\"s\"}\r\n0\r\n\r\n";
    String head =
        post("DeleteStream", "").replace("Content-Length: 0", "Transfer-Encoding: chunked");
    send(head + chunks);

    assertThat(receive().status()).endsWith("200 OK");
  }

  @Test
  void clientThatWaitsForLeaveToSendGetsIt() throws IOException {
    String request =
        post("DeleteStream", DELETE).replace("\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n");
    int body = request.indexOf("\r\n\r\n") + 4;
    send(request.substring(0, body));
    assertThat(receive().status()).isEqualTo("HTTP/1.1 100 Continue");

    send(request.substring(body));

    assertThat(receive().status()).endsWith("200 OK");
  }

  @Test
  void bodyBeyondTheLimitIsRefusedByItsLength() throws IOException {
    send(
        "POST / HTTP/1.1\r\nX-Amz-Target: Kinesis_20131202.DeleteStream\r\n"
            + "Content-Length: "
            + (ExchangeHandler.MAX_BODY_BYTES + 1)
            + "\r\n\r\n");

    assertThat(receive().status()).contains("413");
  }

  @Test
  void whatIsNoHttpIsRefused() throws IOException {
    send("SSH-2.0-OpenSSH\r\n\r\n");

    assertThat(receive().status()).contains("400");
    assertThat(socket.getInputStream().read()).isEqualTo(-1);
  }

  @Test
  void unknownOperationHasItsError() throws IOException {
    send(post("MakeCoffee", "{}"));

    Response response = receive();

    assertThat(response.status()).contains("400");
    assertThat(response.body()).contains("\"__type\":\"UnknownOperationException\"");
  }

  @Test
  void requestWithoutTargetIsNoOperation() throws IOException {
    send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");

    assertThat(receive().body()).contains("UnknownOperationException");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"StreamName\"",
        "[]",
        "\"StreamName\"",
        "nonsense",
        "{\"StreamName\":{}}",
        "{\"StreamName\":7}",
        "{\"StreamName\":\"s\",\"EnforceConsumerDeletion\":\"yes\"}",
      })
  void unreadableBodyIsASerializationError(String body) throws IOException {
    send(post("DeleteStream", body));

    Response response = receive();

    assertThat(response.status()).contains("400");
    assertThat(response.body()).contains("\"__type\":\"SerializationException\"");
    send(post("DeleteStream", DELETE));
    assertThat(receive().status()).endsWith("200 OK");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"Records\":{}}",
        "{\"Records\":[7]}",
        "{\"Records\":[{\"Data\":\"no base64!\"}]}",
        "{\"Records\":[{\"Data\":7}]}",
        "{\"Records\":[{\"Data\":\"AAAA\"}",
        "{\"StreamName\":\"s\",\"Records\":[{\"Data\":\"AAAA\"",
      })
  void unreadablePutRecordsIsASerializationError(String body) throws IOException {
    send(post("PutRecords", body));

    assertThat(receive().body()).contains("\"__type\":\"SerializationException\"");
  }

  @Test
  void absentRecordFieldsAreTheCoresToJudge() throws IOException {
    core.answers(new RecordCall.PutRecordsReply(List.of(), 0, EncryptionType.NONE));

    send(post("PutRecords", "{\"Records\":[{},{\"PartitionKey\":null,\"Other\":[1,{}]}]}"));

    assertThat(receive().body()).isEqualTo("{\"FailedRecordCount\":0,\"Records\":[]}");
    assertThat(core.took(RecordCall.PutRecords.class).entries())
        .hasSize(2)
        .allSatisfy(
            entry -> {
              assertThat(entry.data()).isNull();
              assertThat(entry.partitionKey()).isNull();
            });
  }

  @Test
  void unknownChoiceIsAValidationError() throws IOException {
    send(post("GetShardIterator", "{\"ShardId\":\"0\",\"ShardIteratorType\":\"SOON\"}"));

    assertThat(receive().body())
        .contains("ValidationException")
        .contains("at 'shardIteratorType' failed to satisfy constraint");
  }

  @Test
  void missingChoiceIsAValidationError() throws IOException {
    send(post("GetShardIterator", "{\"ShardId\":\"0\"}"));

    assertThat(receive().body()).contains("ValidationException").contains("must not be null");
  }

  @Test
  void failureOfTheEndpointItselfResetsTheConnection() {
    core.does(
        request -> {
          throw new IllegalStateException("broken on purpose");
        });

    assertThatIOException()
        .isThrownBy(
            () -> {
              send(post("DeleteStream", DELETE));
              receive();
            });
  }

  private static String post(String operation, String json) {
    return "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: Kinesis_20131202."
        + operation
        + "\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: "
        + json.getBytes(UTF_8).length
        + "\r\n\r\n"
        + json;
  }

  private void send(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(UTF_8));
    socket.getOutputStream().flush();
  }

  private record Response(String status, String head, String body) {}

  private Response receive() throws IOException {
    InputStream in = socket.getInputStream();
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("the connection ended after: " + head);
      }
      head.append((char) next);
    }
    Matcher length = Pattern.compile("(?i)content-length: (\\d+)").matcher(head);
    byte[] body = in.readNBytes(length.find() ? Integer.parseInt(length.group(1)) : 0);
    String text = head.toString();
    return new Response(
        text.substring(0, text.indexOf("\r\n")), lowerNames(text), new String(body, ISO_8859_1));
  }

  private static String lowerNames(String head) {
    StringBuilder lower = new StringBuilder();
    for (String line : head.split("\r\n", -1)) {
      int colon = line.indexOf(':');
      lower
          .append(
              colon < 0
                  ? line
                  : line.substring(0, colon).toLowerCase(Locale.ROOT) + line.substring(colon))
          .append('\n');
    }
    return lower.toString();
  }
}
