package io.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PositionTest {
  @Test
  void orderIsBySequenceNumberThenSubSequenceNumber() {
    List<Position> ascending =
        List.of(at("9", 0), at("9", 1), at("9", Long.MAX_VALUE), at("10", 0), at("11", 3));
    assertThat(
            Stream.of(at("11", 3), at("9", 1), at("10", 0), at("9", Long.MAX_VALUE), at("9", 0))
                .sorted())
        .isEqualTo(ascending);
  }

  @Test
  void theFirstMemberAndAPlainRecordHaveSubSequenceNumberZero() {
    assertThat(Position.of(SequenceNumber.of("7"))).isEqualTo(at("7", 0)).hasToString("7:0");
  }

  @Test
  void aNegativeSubSequenceNumberIsRefused() {
    assertThatThrownBy(() -> at("7", -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("sub-sequence number -1");
  }

  private static Position at(String sequenceNumber, long subSequenceNumber) {
    return new Position(SequenceNumber.of(sequenceNumber), subSequenceNumber);
  }
}
