package io.millrace.testkit.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.core.JsonGenerator;
import io.millrace.testkit.kinesis.KinesisCore;
import io.millrace.testkit.kinesis.call.KinesisRequest;
import io.millrace.testkit.kinesis.call.Operation;
import io.millrace.testkit.kinesis.call.StreamCall.CreateStream;
import io.millrace.testkit.kinesis.model.KinesisError;
import io.millrace.testkit.kinesis.settings.CoreSettings;
import io.millrace.testkit.kinesis.settings.ManualClock;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Bodies that no client would send: each is a request, or one of the two errors for the client. */
class WireFuzzTest {
  private static final int MUTATIONS = 300;
  private final RandomGenerator random = new SplittableRandom(20261120);

  @ParameterizedTest
  @EnumSource
  void damagedBodiesAreTheClientsError(WireFormat format) throws IOException {
    byte[] intact = everyField(format);
    KinesisCore core =
        new KinesisCore(
            CoreSettings.defaults(),
            new ManualClock(Instant.parse("2026-02-03T04:05:06Z")),
            new SplittableRandom(1));
    core.call(CreateStream.provisioned("s", 1));
    int understood = 0;
    for (Operation operation : Operation.values()) {
      for (int i = 0; i < MUTATIONS; i++) {
        understood += outcome(core, operation, format, damaged(intact)) ? 1 : 0;
      }
    }
    assertThat(understood).isPositive();
  }

  @ParameterizedTest
  @EnumSource
  void randomBytesAreTheClientsError(WireFormat format) {
    for (Operation operation : Operation.values()) {
      for (int i = 0; i < MUTATIONS; i++) {
        byte[] bytes = new byte[random.nextInt(64)];
        random.nextBytes(bytes);
        outcome(null, operation, format, bytes);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void deepNestingIsRefused(WireFormat format) {
    byte[] open = new byte[10_000];
    Arrays.fill(open, format == WireFormat.JSON ? (byte) '[' : (byte) 0x81);

    assertThatExceptionOfType(WireException.class)
        .isThrownBy(
            () ->
                OperationCodec.of(Operation.DELETE_STREAM)
                    .read(Unpooled.wrappedBuffer(withOneField(format, open)), format));
  }

  /** Whether the body was a request; any exception but the two expected ones fails the test. */
  private static boolean outcome(
      KinesisCore core, Operation operation, WireFormat format, byte[] body) {
    try {
      KinesisRequest<?> request =
          OperationCodec.of(operation).read(Unpooled.wrappedBuffer(body), format);
      if (core != null) {
        core.handle(request);
      }
      return true;
    } catch (WireException | KinesisError expected) {
      return false;
    } catch (RuntimeException e) {
      throw new AssertionError(operation + " in " + format + ": " + Arrays.toString(body), e);
    }
  }

  private byte[] damaged(byte[] intact) {
    byte[] bytes = intact.clone();
    for (int i = random.nextInt(4); i >= 0; i--) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
    }
    return random.nextInt(8) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes;
  }

  private static byte[] withOneField(WireFormat format, byte[] value) {
    ByteBuf body = Unpooled.buffer();
    if (format == WireFormat.JSON) {
      body.writeBytes("{\"X\":".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    } else {
      body.writeByte(0xbf).writeByte(0x61).writeByte('X');
    }
    body.writeBytes(value);
    return Arrays.copyOf(body.array(), body.readableBytes());
  }

  /** An object with the fields of all requests, so that damage hits each operation somewhere. */
  private static byte[] everyField(WireFormat format) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator out = format.generator(bytes)) {
      out.writeStartObject();
      out.writeStringField("StreamName", "s");
      out.writeStringField("ShardId", "shardId-000000000000");
      out.writeStringField("ShardIteratorType", "AT_TIMESTAMP");
      out.writeNumberField("Timestamp", 1_770_091_506.789);
      out.writeNumberField("StreamCreationTimestamp", 1_770_091_506L);
      out.writeNumberField("Limit", 10);
      out.writeObjectFieldStart("StartingPosition");
      out.writeStringField("Type", "LATEST");
      out.writeNumberField("Timestamp", 5);
      out.writeEndObject();
      out.writeObjectFieldStart("ShardFilter");
      out.writeStringField("Type", "AT_LATEST");
      out.writeEndObject();
      out.writeObjectFieldStart("Tags");
      out.writeStringField("a", "b");
      out.writeEndObject();
      out.writeArrayFieldStart("TagKeys");
      out.writeString("a");
      out.writeEndArray();
      out.writeBinaryField("Data", new byte[] {1, 2, 3});
      out.writeStringField("PartitionKey", "k");
      out.writeArrayFieldStart("Records");
      out.writeStartObject();
      out.writeBinaryField("Data", new byte[] {1, 2, 3});
      out.writeStringField("PartitionKey", "k");
      out.writeStringField("ExplicitHashKey", "7");
      out.writeEndObject();
      out.writeEndArray();
      out.writeBooleanField("EnforceConsumerDeletion", false);
      out.writeEndObject();
    }
    return bytes.toByteArray();
  }
}
