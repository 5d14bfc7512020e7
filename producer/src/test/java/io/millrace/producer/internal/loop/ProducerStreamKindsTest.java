package io.millrace.producer.internal.loop;

import static io.millrace.producer.internal.loop.Harness.failureOf;
import static io.millrace.producer.internal.loop.Harness.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.millrace.producer.ProducerSettings.Aggregation;
import io.millrace.producer.ProducerSettings.Distribution;
import io.millrace.producer.PutFailure;
import io.millrace.producer.UserRecord;
import io.millrace.producer.internal.loop.FakeKinesis.SeenRecord;
import io.millrace.producer.internal.send.ServiceFailure.Kind;
import io.millrace.producer.internal.send.StreamSummary;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a stream takes: keys, headers and sizes, by its description. */
@SuppressWarnings("FutureReturnValueIgnored") // the harness keeps them
class ProducerStreamKindsTest {
  @Test
  void onAnAutoStreamNothingIsAggregatedAndKeysAreOptional() {
    Harness h = new Harness(settings(), 3);
    h.kinesis.onSummary = () -> new StreamSummary(Distribution.AUTO, 1 << 20);
    h.put("a", "1");
    h.put("a", "2");
    var keyless = h.put(UserRecord.withoutKey(new byte[] {51}));
    h.advance(Duration.ofSeconds(1));
    assertThat(h.kinesis.seen()).extracting(SeenRecord::sub).containsOnly(-1).hasSize(3);
    assertThat(keyless).isCompleted();
    h.assertSettled();
  }

  @Test
  void withoutAKeyARecordIsRefusedWhereKeysDecide() {
    Harness h = new Harness(settings(), 1);
    var early = h.put(UserRecord.withoutKey(new byte[1]));
    h.advance(Duration.ofSeconds(1));
    var late = h.put(UserRecord.withoutKey(new byte[1]));
    assertThat(failureOf(early).reason()).isEqualTo(PutFailure.RECORD_REFUSED);
    assertThat(failureOf(late).reason()).isEqualTo(PutFailure.RECORD_REFUSED);
    h.assertSettled();
  }

  @Test
  void aDeniedDescriptionDoesNotChooseTheLossySide() {
    Harness h = new Harness(settings(), 1);
    h.kinesis.onSummary =
        () -> {
          throw FakeKinesis.failure(Kind.ACCESS_DENIED, "AccessDeniedException");
        };
    h.put("a", "1");
    h.put("a", "2");
    h.advance(Duration.ofSeconds(1));
    assertThat(h.kinesis.seen()).extracting(SeenRecord::sub).containsExactly(-1, -1);

    Harness told =
        new Harness(settings().distributionIfUnknown(Distribution.USER_PARTITION_KEY), 1);
    told.kinesis.onSummary = h.kinesis.onSummary;
    told.put("a", "1");
    told.put("a", "2");
    told.advance(Duration.ofSeconds(1));
    assertThat(told.kinesis.seen()).extracting(SeenRecord::sub).containsExactly(0, 1);
  }

  @Test
  void deniedDescriptionIsToldByTheStatusUntilItIsAllowed() {
    Harness h = new Harness(settings().streamRefreshInterval(Duration.ofSeconds(10)), 1);
    h.kinesis.onSummary =
        () -> {
          throw FakeKinesis.failure(Kind.ACCESS_DENIED, "AccessDeniedException");
        };
    h.put("a", "1");
    h.advance(Duration.ofSeconds(1));
    assertThat(h.producer.status().streams().get(0).trouble().orElseThrow().message())
        .contains("DescribeStreamSummary");
    h.kinesis.onSummary = () -> new StreamSummary(Distribution.USER_PARTITION_KEY, 1 << 20);
    h.advance(Duration.ofSeconds(15));
    assertThat(h.producer.status().streams().get(0).trouble()).isEmpty();
    h.put("a", "2");
    h.put("a", "3");
    h.advance(Duration.ofSeconds(1));
    assertThat(h.kinesis.seen()).extracting(SeenRecord::sub).containsExactly(-1, 0, 1);
  }

  @Test
  void headersAreRefusedWhereNothingIsAggregatedUnlessOptional() {
    UserRecord withHeader = UserRecord.builder().partitionKey("a").header("h", "v").build();
    Harness off = new Harness(settings().aggregation(Aggregation.OFF), 1);
    assertThatThrownBy(() -> off.put(withHeader))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("headersOptional");

    Harness auto = new Harness(settings(), 1);
    auto.kinesis.onSummary = () -> new StreamSummary(Distribution.AUTO, 1 << 20);
    var early = auto.put(withHeader);
    auto.advance(Duration.ofSeconds(1));
    assertThat(failureOf(early)).hasMessageContaining("headersOptional");
    assertThat(failureOf(early).record().orElseThrow().headers().text("h")).contains("v");

    Harness optional = new Harness(settings().headersOptional(true), 1);
    optional.kinesis.onSummary = () -> new StreamSummary(Distribution.AUTO, 1 << 20);
    optional.put("a", "1");
    optional.advance(Duration.ofSeconds(1));
    var dropped = optional.put(withHeader);
    optional.advance(Duration.ofSeconds(1));
    assertThat(dropped).isCompleted();
  }

  @Test
  void droppedHeadersAreCounted() {
    Harness h = new Harness(settings().aggregation(Aggregation.OFF).headersOptional(true), 1);
    var put = h.put(UserRecord.builder().partitionKey("a").header("h", "v").build());
    h.advance(Duration.ofSeconds(1));
    assertThat(put).isCompleted();
    assertThat(h.kinesis.seen()).extracting(SeenRecord::sub).containsExactly(-1);
    assertThat(h.producer.loop().streams().get(0).intake().droppedHeadersCount()).isEqualTo(1);
  }

  @Test
  void theStreamsOwnMaximumIsHonoured() {
    Harness h = new Harness(settings(), 1).warm();
    byte[] tooLarge = new byte[(1 << 20)];
    assertThatThrownBy(() -> h.put(UserRecord.of("a", tooLarge)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1048577")
        .hasMessageContaining("1048576");
    var largest = h.put(UserRecord.of("a", new byte[(1 << 20) - 1]));
    h.advance(Duration.ofSeconds(2));
    assertThat(largest).isCompleted();

    Harness cold = new Harness(settings(), 1);
    var early = cold.put(UserRecord.of("a", tooLarge));
    cold.advance(Duration.ofSeconds(2));
    assertThat(failureOf(early).reason()).isEqualTo(PutFailure.RECORD_REFUSED);
  }

  @Test
  void recordOfTenMebibytesIsStoredWhereTheStreamAllowsIt() {
    Harness h = new Harness(settings(), 1);
    h.kinesis.onSummary = () -> new StreamSummary(Distribution.USER_PARTITION_KEY, 10 << 20);
    h.described();
    var put = h.put(UserRecord.of("a", new byte[(10 << 20) - 1]));
    assertThatThrownBy(() -> h.put(UserRecord.of("a", new byte[10 << 20])))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("10485761");
    h.advance(Duration.ofSeconds(1));
    assertThat(put).isCompleted();
    h.assertSettled();
  }

  @Test
  void misuseIsToldAtOnce() {
    Harness h = new Harness(settings(), 1);
    assertThatThrownBy(() -> h.put("", "1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("partitionKey is empty");
    assertThatThrownBy(() -> h.put("é".repeat(257), "1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("257");
    h.put("😀".repeat(256), "256 characters in 512 units");
    assertThatThrownBy(() -> h.put("\ud800", "1")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> h.producer.put("no such name!", "a", new byte[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no such name!");
    assertThatThrownBy(
            () -> h.producer.put("arn:aws:kinesis:eu-central-1:1:stream/x", "a", new byte[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("ARN");
    assertThatThrownBy(() -> h.producer.put("clicks", "a", null))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("data");
    assertThatThrownBy(() -> h.producer.whenRoomFor("clicks", 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aDeniedDescriptionIsLoggedOnceWithThePermissionThatIsMissing() {
    try (CapturedLog log = new CapturedLog(Level.WARN)) {
      Harness h = new Harness(settings().streamRefreshInterval(Duration.ofSeconds(10)), 1);
      h.kinesis.onSummary =
          () -> {
            throw FakeKinesis.failure(Kind.ACCESS_DENIED, "AccessDeniedException");
          };
      h.put("a", "1");
      h.advance(Duration.ofSeconds(60));
      assertThat(h.kinesis.summaries).isGreaterThan(3);
      assertThat(log.events())
          .singleElement()
          .extracting(ILoggingEvent::getFormattedMessage)
          .asString()
          .contains("clicks", "nothing is aggregated", "Allow kinesis:DescribeStreamSummary");
    }
  }
}
