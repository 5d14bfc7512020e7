package io.millrace.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.millrace.testkit.kinesis.CoreStatistics;
import io.millrace.testkit.kinesis.call.Operation;
import io.millrace.testkit.kinesis.model.ErrorCode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

class KinesisServerProcessTest {
  @Test
  void childServesAndCountsUntilItIsClosed() throws Exception {
    ProcessHandle process;
    try (KinesisServerProcess server =
        KinesisServerProcess.start(
            List.of("-Xmx128m", "-XX:TieredStopAtLevel=1"),
            List.of("--stream", "orders:3", "--sink"))) {
      process = server.process();
      try (KinesisAsyncClient plain = server.newClient();
          KinesisAsyncClient tls = server.tlsClientBuilder().build()) {
        for (KinesisAsyncClient client : List.of(plain, tls)) {
          client
              .putRecord(
                  r ->
                      r.streamName("orders")
                          .partitionKey("k")
                          .data(SdkBytes.fromUtf8String("data")))
              .join();
        }
        assertThat(
                plain
                    .describeStreamSummary(r -> r.streamName("missing"))
                    .handle((response, error) -> error)
                    .join())
            .isNotNull();
      }
      CoreStatistics statistics = server.statistics();
      assertThat(statistics.kinesisRecordsPut()).isEqualTo(2);
      assertThat(statistics.userRecordsPut()).isEqualTo(2);
      assertThat(statistics.bytesPut()).isEqualTo(8);
      assertThat(statistics.calls(Operation.PUT_RECORD)).isEqualTo(2);
      assertThat(statistics.errors(ErrorCode.RESOURCE_NOT_FOUND)).isEqualTo(1);
    }
    assertThat(process.onExit().get(60, TimeUnit.SECONDS).isAlive()).isFalse();
  }

  @Test
  void repliesComeAfterTheDelay() {
    Duration delay = Duration.ofMillis(300);
    try (KinesisServerProcess server =
            KinesisServerProcess.start(
                List.of("-Xmx128m", "-XX:TieredStopAtLevel=1"),
                List.of("--stream", "orders:1", "--reply-delay", "" + delay.toMillis()));
        KinesisAsyncClient client = server.newClient()) {
      long askedNanos = System.nanoTime();
      client.listShards(r -> r.streamName("orders")).join();
      assertThat(System.nanoTime() - askedNanos).isGreaterThanOrEqualTo(delay.toNanos());
    }
  }

  @Test
  void wrongFlagFailsBeforeAnyProcessStarts() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> KinesisServerProcess.start(List.of(), List.of("--shards", "3")))
        .withMessage("unknown flag --shards");
  }

  @Test
  void mainEndsWithItsStandardInput() throws Exception {
    Run run = run("--exit-with-parent", "--stream", "orders:1");

    assertThat(run.status).isZero();
    assertThat(run.out.lines())
        .singleElement()
        .satisfies(
            line -> {
              ReadyLine ready = ReadyLine.parse(line).orElseThrow();
              assertThat(ready.endpoint().getScheme()).isEqualTo("http");
              assertThat(ready.tlsEndpoint().getScheme()).isEqualTo("https");
            });
  }

  @Test
  void mainExplainsAWrongCommandLine() throws Exception {
    Run run = run("--stream", "orders");

    assertThat(run.status).isEqualTo(2);
    assertThat(run.err).startsWith("--stream is orders: it must be NAME:SHARDS, such as orders:4");
    assertThat(run.err).contains("--exit-with-parent");
  }

  @Test
  void mainExplainsADelayOutOfRange() throws Exception {
    Run run = run("--reply-delay", "60001");

    assertThat(run.status).isEqualTo(2);
    assertThat(run.err).startsWith("--reply-delay is 60001: it must be from 0 to 60000");
  }

  @Test
  void mainExplainsWhatTheEndpointRefuses() throws Exception {
    Run run = run("--exit-with-parent", "--stream", "orders:0");

    assertThat(run.status).isEqualTo(1);
    assertThat(run.err).isNotBlank();
    assertThat(run.out).isEmpty();
  }

  private record Run(int status, String out, String err) {}

  private static Run run(String... arguments) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int status =
        KinesisServerMain.run(
            List.of(arguments),
            new ByteArrayInputStream(new byte[0]),
            new PrintStream(out, true, UTF_8),
            new PrintStream(err, true, UTF_8));
    return new Run(status, out.toString(UTF_8), err.toString(UTF_8));
  }
}
