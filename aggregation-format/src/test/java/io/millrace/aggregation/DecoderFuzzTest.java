package io.millrace.aggregation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** A bounded run of {@link DecoderFuzzer}; its {@code main} runs for long. */
class DecoderFuzzTest {
  private static final int SEEDS = 20_000;

  @Test
  void noInputBreaksTheDecoderOrMakesItDisagreeWithTheGeneratedParser() {
    int[] kinds = new int[3];
    for (long seed = 0; seed < SEEDS; seed++) {
      kinds[DecoderFuzzer.checkSeed(seed)]++;
    }
    // The inputs are worth something only while they reach each outcome often.
    assertThat(Arrays.stream(kinds).min().orElseThrow()).isGreaterThan(SEEDS / 10);
  }
}
