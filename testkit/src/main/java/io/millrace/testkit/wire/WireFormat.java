package io.millrace.testkit.wire;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.TSFBuilder;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Optional;

/** The two body formats of the Kinesis API. The factories are thread-safe. */
@SuppressWarnings("ImmutableEnumChecker") // a factory that is only used is not changed
public enum WireFormat {
  /**
   * What the Java SDK speaks by default: blobs are byte strings, timestamps tagged milliseconds.
   */
  CBOR("application/x-amz-cbor-1.1", CBORFactory.builder()),
  /** What everybody else speaks: blobs in Base64, timestamps in seconds with a fraction. */
  JSON("application/x-amz-json-1.1", JsonFactory.builder());

  private static final int MAX_NESTING = 16;
  private static final int MAX_TEXT_CHARS = 32 << 20;

  private final String contentType;
  private final JsonFactory factory;

  WireFormat(String contentType, TSFBuilder<?, ?> builder) {
    this.contentType = contentType;
    this.factory =
        builder
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_NESTING)
                    .maxStringLength(MAX_TEXT_CHARS)
                    .build())
            .build();
  }

  /** The format with the given content type, parameters such as a charset ignored. */
  public static Optional<WireFormat> ofContentType(String contentType) {
    int parameters = contentType.indexOf(';');
    String type = parameters < 0 ? contentType : contentType.substring(0, parameters);
    for (WireFormat format : values()) {
      if (format.contentType.equalsIgnoreCase(type.trim())) {
        return Optional.of(format);
      }
    }
    return Optional.empty();
  }

  /** The content type, such as {@code application/x-amz-cbor-1.1}. */
  public String contentType() {
    return contentType;
  }

  /**
   * Reads a request's body.
   *
   * @param body a heap buffer; its indexes do not move
   * @throws WireException if the body is not of this format or breaks the operation's shape
   * @throws io.millrace.testkit.kinesis.model.KinesisError if a value breaks a rule
   */
  public <T> T read(ByteBuf body, Reader<T> reader) {
    try (JsonParser parser =
        factory.createParser(
            body.array(), body.arrayOffset() + body.readerIndex(), body.readableBytes())) {
      return reader.read(parser);
    } catch (IOException e) {
      throw WireException.unreadable("The body is not valid " + name() + ".");
    }
  }

  /** Appends a body to a buffer. */
  public void write(ByteBuf target, Writer writer) {
    OutputStream sink = new ByteBufOutputStream(target);
    try (WireWriter out = new WireWriter(generator(sink))) {
      out.beginObject();
      writer.write(out);
      out.endObject();
    } catch (IOException e) {
      throw new UncheckedIOException("memory buffers do not fail", e);
    }
  }

  JsonGenerator generator(OutputStream sink) throws IOException {
    return factory.createGenerator(sink);
  }

  /** Reads a request. */
  @FunctionalInterface
  public interface Reader<T> {
    /** Reads from the first token on. */
    T read(JsonParser parser) throws IOException;
  }

  /** Writes the fields of a body. */
  @FunctionalInterface
  public interface Writer {
    /** Writes the fields; the object around them is there already. */
    void write(WireWriter out) throws IOException;
  }
}
