package io.millrace.producer.internal.send;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class StreamAddressTest {
  @Test
  void namesAndArnsAreTold() {
    assertThat(StreamAddress.parse("my.stream_1-x").isArn()).isFalse();
    for (String partition : List.of("aws", "aws-cn", "aws-us-gov", "aws-iso-b", "aws-eusc")) {
      StreamAddress arn =
          StreamAddress.parse(
              "arn:" + partition + ":kinesis:eu-central-1:123456789012:stream/clicks");
      assertThat(arn.isArn()).isTrue();
      assertThat(arn.name()).isEqualTo("clicks");
    }
  }

  @Test
  void anythingElseIsRefusedByRule() {
    for (String wrong :
        List.of(
            "",
            "a b",
            "x".repeat(129),
            "arn:aws:kinesis:eu-central-1:123456789012:clicks",
            "arn:aws:kinesis:eu-central-1:12345:stream/clicks",
            "arn:aws:sqs:eu-central-1:123456789012:stream/clicks",
            "arn:aws:kinesis:eu-central-1:123456789012:stream/clicks/consumer/c:1")) {
      assertThatThrownBy(() -> StreamAddress.parse(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("stream is '");
    }
  }
}
