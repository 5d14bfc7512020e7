package io.millrace.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class UserRecordTest {
  @Test
  void theCallersBufferKeepsItsPosition() {
    ByteBuffer data = ByteBuffer.wrap("xxpayload".getBytes(StandardCharsets.UTF_8)).position(2);
    UserRecord record = UserRecord.of("key", data);
    assertThat(record.data().get()).isEqualTo((byte) 'p');
    assertThat(record.data().remaining()).isEqualTo(7);
    assertThat(data.position()).isEqualTo(2);
    assertThatThrownBy(() -> record.data().put((byte) 1))
        .isInstanceOf(ReadOnlyBufferException.class);
  }

  @Test
  void textNeverShowsContent() {
    UserRecord record =
        UserRecord.builder().partitionKey("canary").data(new byte[3]).header("canary", "v").build();
    assertThat(record.toString()).isEqualTo("UserRecord[3 data bytes, 1 headers]");
  }

  @Test
  void toBuilderAddsToWhatIsThere() {
    UserRecord record =
        UserRecord.builder()
            .partitionKey("k")
            .explicitHashKey("42")
            .data(new byte[] {7})
            .header("a", "1")
            .build();
    UserRecord more = record.toBuilder().header("b", "2").build();
    assertThat(more.headers().size()).isEqualTo(2);
    assertThat(more.explicitHashKey().orElseThrow()).hasToString("42");
    assertThat(more.partitionKey()).contains("k");
    assertThat(more.data()).isEqualTo(record.data());
    assertThat(record.headers().size()).isEqualTo(1);
  }

  @Test
  void anExplicitHashKeyMustBeANumberOf128Bits() {
    for (String wrong : new String[] {"", "-1", "x", "340282366920938463463374607431768211456"}) {
      assertThatThrownBy(() -> UserRecord.builder().explicitHashKey(wrong))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
