package io.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.NumericChars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SequenceNumberTest {
  @Property
  boolean orderIsThatOfBigInteger(
      @ForAll @NumericChars @StringLength(min = 1, max = 128) String a,
      @ForAll @NumericChars @StringLength(min = 1, max = 128) String b) {
    int expected = new BigInteger(a).compareTo(new BigInteger(b));
    SequenceNumber first = SequenceNumber.of(a);
    SequenceNumber second = SequenceNumber.of(b);
    return Integer.signum(first.compareTo(second)) == expected
        && first.equals(second) == (expected == 0)
        && first.toString().equals(new BigInteger(a).toString());
  }

  @ParameterizedTest
  @CsvSource({
    "0,0",
    "000,0",
    "007,7",
    "70,70",
    "49590338271490256608559692538361571095921575989136588898,49590338271490256608559692538361571095921575989136588898"
  })
  void leadingZerosDoNotCount(String text, String canonical) {
    assertThat(SequenceNumber.of(text)).hasToString(canonical);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "+1", " 1", "1 ", "TRIM_HORIZON", "LATEST", "1.0", "٤"})
  void whatIsNoNumberIsRefused(String text) {
    assertThatThrownBy(() -> SequenceNumber.of(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("sequence number has");
  }

  @Test
  void lengthIsBounded() {
    assertThat(SequenceNumber.of("9".repeat(128)).toString()).hasSize(128);
    assertThatThrownBy(() -> SequenceNumber.of("9".repeat(129)))
        .hasMessageContaining("129 characters");
  }
}
