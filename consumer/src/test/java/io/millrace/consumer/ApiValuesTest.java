package io.millrace.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.consumer.handler.BatchResult;
import io.millrace.consumer.handler.RecordBatch;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class ApiValuesTest {
  @Test
  void startPositionsAreValues() {
    assertThat(StartAt.timestamp(Instant.EPOCH)).isEqualTo(StartAt.timestamp(Instant.EPOCH));
    assertThat(StartAt.latest()).isNotEqualTo(StartAt.trimHorizon());
    assertThat(StartAt.timestamp(Instant.EPOCH).toString()).contains("1970");
    assertThatThrownBy(() -> StartAt.timestamp(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("timestamp");
  }

  @Test
  void consumerNamesAreChecked() {
    assertThatThrownBy(() -> Fetching.fanOut("no spaces"))
        .hasMessageContaining("no spaces")
        .hasMessageContaining("a-zA-Z0-9_.-");
    assertThat(Fetching.fanOut("app").withoutFallback().fallsBackToPolling()).isFalse();
    assertThat(Fetching.polling().consumerName()).isEmpty();
  }

  @Test
  void batchHoldsAtLeastOneRecord() {
    assertThatThrownBy(() -> new RecordBatch("s", new ShardId("s-0"), List.of(), Duration.ZERO))
        .hasMessageContaining("at least 1");
  }

  @Test
  void resultWithoutFailedPositionsIsOk() {
    assertThat(BatchResult.failed(List.of())).isSameAs(BatchResult.ok());
  }

  @Test
  void stallCountsFromItsThresholdOn() {
    ShardStatus status =
        new ShardStatus(
            "s",
            new ShardId("s-0"),
            ShardState.PROCESSING,
            Optional.of(new StallReason.HandlerBusy("handle", Duration.ofSeconds(42))),
            Optional.empty(),
            Optional.empty(),
            0,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            OptionalDouble.empty());
    assertThat(status.stalledFor(Duration.ofSeconds(42))).isTrue();
    assertThat(status.stalledFor(Duration.ofSeconds(43))).isFalse();
    assertThat(status.stall().orElseThrow().describe()).isEqualTo("handle busy for 42 s");
  }

  @Test
  void finalStatesAreThoseThatNothingFollows() {
    assertThat(List.of(ShardState.values()).stream().filter(ShardState::isFinal))
        .containsExactly(ShardState.SHARD_ENDED, ShardState.LEASE_LOST, ShardState.STOPPED);
  }
}
