package io.millrace.testkit.wire;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.dataformat.cbor.CBORGenerator;
import java.io.Closeable;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes a reply's fields in either format; a null value leaves its field out. Confined to one
 * thread.
 */
public final class WireWriter implements Closeable {
  private static final int TAG_EPOCH_TIME = 1;
  private static final int MILLIS_SCALE = 3;

  private final JsonGenerator out;
  private final @Nullable CBORGenerator cbor;

  WireWriter(JsonGenerator out) {
    this.out = out;
    this.cbor = out instanceof CBORGenerator generator ? generator : null;
  }

  void beginObject() throws IOException {
    out.writeStartObject();
  }

  void beginObject(String name) throws IOException {
    out.writeObjectFieldStart(name);
  }

  void endObject() throws IOException {
    out.writeEndObject();
  }

  void beginArray(String name) throws IOException {
    out.writeArrayFieldStart(name);
  }

  void endArray() throws IOException {
    out.writeEndArray();
  }

  /** Writes a string. */
  public void text(String name, @Nullable String value) throws IOException {
    if (value != null) {
      out.writeStringField(name, value);
    }
  }

  void text(String name, Enum<?> value) throws IOException {
    out.writeStringField(name, value.name());
  }

  void texts(String name, List<String> values) throws IOException {
    out.writeArrayFieldStart(name);
    for (String value : values) {
      out.writeString(value);
    }
    out.writeEndArray();
  }

  void number(String name, long value) throws IOException {
    out.writeNumberField(name, value);
  }

  void number(String name, @Nullable Integer value) throws IOException {
    if (value != null) {
      out.writeNumberField(name, value.intValue());
    }
  }

  void flag(String name, boolean value) throws IOException {
    out.writeBooleanField(name, value);
  }

  void timestamp(String name, Instant value) throws IOException {
    out.writeFieldName(name);
    if (cbor != null) {
      // Milliseconds, although the tag means seconds: this is how the service and its SDKs use it.
      cbor.writeTag(TAG_EPOCH_TIME);
      cbor.writeNumber(value.toEpochMilli());
    } else {
      out.writeNumber(BigDecimal.valueOf(value.toEpochMilli(), MILLIS_SCALE));
    }
  }

  void binary(String name, ByteBuffer heapBuffer) throws IOException {
    out.writeFieldName(name);
    out.writeBinary(
        heapBuffer.array(),
        heapBuffer.arrayOffset() + heapBuffer.position(),
        heapBuffer.remaining());
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
