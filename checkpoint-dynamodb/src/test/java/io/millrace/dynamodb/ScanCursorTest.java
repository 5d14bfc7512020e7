package io.millrace.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.millrace.dynamodb.ScanCursor.Segment;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScanCursorTest {
  @Test
  void startsBeforeEveryPart() {
    assertThat(ScanCursor.start(2).open())
        .containsExactly(new Segment(0, null), new Segment(1, null));
  }

  @Test
  void tokenIsReadBack() {
    ScanCursor cursor =
        new ScanCursor(
            5, List.of(new Segment(1, "shardId-1"), new Segment(3, null), new Segment(4, "é.:/,")));

    assertThat(ScanCursor.parse(cursor.token())).isEqualTo(cursor);
  }

  @Test
  void nothingOpenIsNoToken() {
    assertThat(new ScanCursor(3, List.of()).token()).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "2.0", "2.0.###", "2.x.YQ"})
  void anythingElseIsNoToken(String token) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ScanCursor.parse(token))
        .withMessageContaining("page token");
  }
}
