package io.millrace.samples.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.samples.ledger.Ledger.Ownership;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportLinesTest {
  private static final long NOW = 1_700_000_000_000_000L;
  private static final Ownership OWNERSHIP =
      new Ownership("worker-1", "shardId-000000000003", "1.7");

  private final ByteArrayOutputStream pipe = new ByteArrayOutputStream();
  private final Recorder recorder = new Recorder();

  @Test
  void everyReportArrivesAsItWasMade() throws IOException {
    Reports writer = new ReportLines.Writer(pipe);
    writer.ready();
    writer.holds(List.of("a", "b"));
    writer.delivered(17, OWNERSHIP, NOW);
    writer.delivered(18, OWNERSHIP, NOW + 1);
    writer.holds(List.of());
    writer.failed("no such\nstream");

    forward(pipe.toByteArray());

    assertThat(recorder.heard)
        .containsExactly(
            "ready",
            "holds [a, b]",
            "17 " + OWNERSHIP + " " + NOW,
            "18 " + OWNERSHIP + " " + (NOW + 1),
            "holds []",
            "failed no such stream");
  }

  @Test
  void lineThatAKilledWorkerLeftUnfinishedCountsForNothing() throws IOException {
    Reports writer = new ReportLines.Writer(pipe);
    writer.delivered(17, OWNERSHIP, NOW);
    writer.delivered(18, OWNERSHIP, NOW);
    byte[] whole = pipe.toByteArray();

    for (int cut = 2; cut < 24; cut++) {
      recorder.heard.clear();
      forward(java.util.Arrays.copyOf(whole, whole.length - cut));

      assertThat(recorder.heard).as("cut by " + cut).containsExactly("17 " + OWNERSHIP + " " + NOW);
    }
  }

  @Test
  void strayOutputIsAnErrorAndNotADelivery() {
    assertThatThrownBy(() -> forward("what is this\n".getBytes(StandardCharsets.US_ASCII)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("worker-1");
  }

  private void forward(byte[] bytes) throws IOException {
    ReportLines.forward(new ByteArrayInputStream(bytes), "worker-1", recorder);
  }

  private static final class Recorder implements Reports {
    private final List<String> heard = new ArrayList<>();

    @Override
    public void ready() {
      heard.add("ready");
    }

    @Override
    public void delivered(int event, Ownership ownership, long atMicros) {
      heard.add(event + " " + ownership + " " + atMicros);
    }

    @Override
    public void holds(List<String> shards) {
      heard.add("holds " + shards);
    }

    @Override
    public void failed(String why) {
      heard.add("failed " + why);
    }
  }
}
