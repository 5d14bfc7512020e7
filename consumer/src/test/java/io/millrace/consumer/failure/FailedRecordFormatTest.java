package io.millrace.consumer.failure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.aggregation.Headers;
import io.millrace.consumer.failure.FailedRecordFormat.Field;
import io.millrace.consumer.handler.ReceivedRecord;
import io.millrace.consumer.lease.FencingToken;
import io.millrace.model.HashKey;
import io.millrace.model.Position;
import io.millrace.model.SequenceNumber;
import io.millrace.model.ShardId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FailedRecordFormatTest {
  private static final String POSITION =
      "\"version\":1,\"stream\":\"arn:s\",\"shard\":\"shardId-000000000003\","
          + "\"sequenceNumber\":\"4964\",\"subSequenceNumber\":17,"
          + "\"arrival\":\"2026-11-28T15:00:00.123Z\",\"reason\":\"ATTEMPTS_EXHAUSTED\","
          + "\"attempts\":6";

  private static final class Given implements ReceivedRecord {
    private final String partitionKey;
    private final byte[] bytes;

    Given(String partitionKey, byte[] bytes) {
      this.partitionKey = partitionKey;
      this.bytes = bytes;
    }

    @Override
    public String partitionKey() {
      return partitionKey;
    }

    @Override
    public String stream() {
      return "arn:s";
    }

    @Override
    public ShardId shard() {
      return new ShardId("shardId-000000000003");
    }

    @Override
    public Position position() {
      return new Position(SequenceNumber.of("4964"), 17);
    }

    @Override
    public Optional<HashKey> explicitHashKey() {
      return Optional.of(HashKey.parse("123"));
    }

    @Override
    public Instant arrival() {
      return Instant.parse("2026-11-28T15:00:00.123Z");
    }

    @Override
    public ByteBuffer data() {
      return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
    }

    @Override
    public int sizeBytes() {
      return bytes.length;
    }

    @Override
    public Headers headers() {
      return Headers.builder().add("type", "click").add("type", "again").build();
    }

    @Override
    public boolean aggregated() {
      return true;
    }

    @Override
    public int attempt() {
      return 6;
    }

    @Override
    public FencingToken fencingToken() {
      return new FencingToken(1, 7);
    }
  }

  private static String write(FailedRecordFormat format, String key, String data) {
    byte[] bytes = data.getBytes(StandardCharsets.UTF_8);
    FailedRecord failed =
        new FailedRecord(
            new Given(key, bytes),
            FailedRecord.Reason.ATTEMPTS_EXHAUSTED,
            6,
            Optional.of(new IllegalStateException("quotes \"data\"")));
    return new String(format.write(failed), StandardCharsets.UTF_8);
  }

  @Test
  void standardCarriesEverythingButTheErrorsMessage() {
    assertThat(write(FailedRecordFormat.standard(), "user-7", "hi"))
        .isEqualTo(
            "{"
                + POSITION
                + ",\"partitionKey\":\"user-7\",\"explicitHashKey\":\"123\","
                + "\"headers\":[[\"type\",\"Y2xpY2s=\"],[\"type\",\"YWdhaW4=\"]],"
                + "\"data\":\"aGk=\",\"errorClass\":\"java.lang.IllegalStateException\"}");
  }

  @Test
  void positionAloneIsAlwaysThere() {
    assertThat(write(FailedRecordFormat.positionOnly(), "secret", "secret"))
        .isEqualTo("{" + POSITION + "}");
  }

  @Test
  void fieldsAreChosenOneByOne() {
    FailedRecordFormat format =
        FailedRecordFormat.positionOnly().with(Field.DATA).with(Field.ERROR_MESSAGE);
    assertThat(write(format, "k", "hi"))
        .isEqualTo("{" + POSITION + ",\"data\":\"aGk=\",\"errorMessage\":\"quotes \\\"data\\\"\"}");
    assertThat(write(format.without(Field.DATA), "k", "hi")).doesNotContain("aGk");
    assertThat(format.fields()).containsExactlyInAnyOrder(Field.DATA, Field.ERROR_MESSAGE);
  }

  @Test
  void dataBeyondTheLimitIsLeftOutAndSaysSo() {
    FailedRecordFormat format = FailedRecordFormat.positionOnly().with(Field.DATA).maxDataBytes(3);
    assertThat(write(format, "k", "four")).isEqualTo("{" + POSITION + ",\"omittedBytes\":4}");
    assertThat(write(format, "k", "333")).contains("\"data\":\"MzMz\"");
    assertThatThrownBy(() -> format.maxDataBytes(-1)).hasMessageContaining("maxDataBytes -1");
  }

  @Test
  void anyKeyBecomesValidJson() {
    FailedRecordFormat format = FailedRecordFormat.positionOnly().with(Field.PARTITION_KEY);
    String odd = "a\"b\\c\n\u0000é\ud83d\ude00\ud800";
    assertThat(write(format, odd, ""))
        .contains("\"partitionKey\":\"a\\\"b\\\\c\\u000a\\u0000é\\ud83d\\ude00\\ud800\"");
  }
}
