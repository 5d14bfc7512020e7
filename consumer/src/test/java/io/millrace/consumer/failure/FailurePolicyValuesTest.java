package io.millrace.consumer.failure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class FailurePolicyValuesTest {
  @Test
  void defaultRetriesForEverAndParksNothingOnItsOwn() {
    FailurePolicy policy = FailurePolicy.retryForever();
    assertThat(policy.maximumRetryAttempts()).isEqualTo(-1);
    assertThat(policy.maximumRecordAge()).isEmpty();
    assertThat(policy.maxBackoff()).isEqualTo(Duration.ofSeconds(30));
    assertThat(policy.onFailure()).isEmpty();
    assertThat(policy.corruptAggregates()).isEqualTo(CorruptAggregates.DELIVER_RAW);
  }

  @Test
  void valuesOutsideTheirRangeAreRefusedByNameValueAndRule() {
    assertThatThrownBy(() -> FailurePolicy.builder().maximumRetryAttempts(-2))
        .hasMessage("maximumRetryAttempts -2: must be -1 (no limit) to 10000");
    assertThatThrownBy(() -> FailurePolicy.builder().maximumRecordAge(Duration.ZERO))
        .hasMessageContaining("maximumRecordAge PT0S");
    assertThatThrownBy(
            () -> FailurePolicy.builder().backoff(Duration.ofSeconds(2), Duration.ofSeconds(1)))
        .hasMessageContaining("min PT2S, max PT1S");
  }

  @Test
  void destinationForCorruptAggregatesMustExist() {
    assertThatThrownBy(
            () ->
                FailurePolicy.builder().corruptAggregates(CorruptAggregates.TO_DESTINATION).build())
        .hasMessageContaining("onFailure");
  }

  @Test
  void builderOfAPolicyKeepsItsValues() {
    FailurePolicy policy =
        FailurePolicy.builder()
            .maximumRetryAttempts(3)
            .bisectBatchOnError(true)
            .fatal(IllegalStateException.class)
            .pauseOn(ArithmeticException.class)
            .build()
            .toBuilder()
            .maximumRecordAge(Duration.ofDays(1))
            .build();
    assertThat(policy.maximumRetryAttempts()).isEqualTo(3);
    assertThat(policy.bisectBatchOnError()).isTrue();
    assertThat(policy.fatal()).hasSize(1);
    assertThat(policy.pauseOn()).hasSize(1);
    assertThat(policy.maximumRecordAge()).contains(Duration.ofDays(1));
    assertThat(policy.toString()).contains("maximumRetryAttempts=3");
  }
}
