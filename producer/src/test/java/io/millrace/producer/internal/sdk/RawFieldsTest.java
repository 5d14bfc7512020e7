package io.millrace.producer.internal.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class RawFieldsTest {
  private static final String FIELD = "RecordDistributionStrategy";

  @Test
  void aFieldOfACborBodyIsFound() {
    assertThat(RawFields.text(cbor("StreamName", "clicks", FIELD, "AUTO"), FIELD)).contains("AUTO");
    assertThat(RawFields.text(cbor(FIELD, "USER_PARTITION_KEY"), FIELD))
        .contains("USER_PARTITION_KEY");
  }

  @Test
  void aMissingFieldIsNotFound() {
    assertThat(RawFields.text(cbor("StreamName", "clicks"), FIELD)).isEmpty();
    assertThat(RawFields.text(new byte[0], FIELD)).isEmpty();
  }

  @Test
  void aStreamThatIsNamedLikeTheFieldDoesNotFoolIt() {
    assertThat(RawFields.text(cbor("StreamName", FIELD, "StreamStatus", "ACTIVE"), FIELD))
        .isNotEqualTo(java.util.Optional.of("AUTO"));
    assertThat(RawFields.text(cbor("StreamName", FIELD, FIELD, "AUTO"), FIELD)).contains("AUTO");
  }

  @Test
  void aFieldOfAJsonBodyIsFound() {
    byte[] json =
        "{\"StreamDescriptionSummary\": {\"RecordDistributionStrategy\" : \"AUTO\"}}"
            .getBytes(StandardCharsets.UTF_8);
    assertThat(RawFields.text(json, FIELD)).contains("AUTO");
  }

  @Property
  void anyBodyIsReadWithoutAnException(@ForAll byte[] body) {
    assertThat(RawFields.text(body, FIELD)).isEmpty();
  }

  private static byte[] cbor(String... fieldsAndValues) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(0xA0 + fieldsAndValues.length / 2);
    for (String text : fieldsAndValues) {
      if (text.length() < 24) {
        out.write(0x60 + text.length());
      } else {
        out.write(0x78);
        out.write(text.length());
      }
      out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }
    return out.toByteArray();
  }
}
