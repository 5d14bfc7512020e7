package io.millrace.aggregation;

import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Names and values that travel beside a user record's data: trace context, content type, schema id.
 * Order is kept, and a name may occur more than once.
 *
 * <p>Headers ride in a slot of the aggregated record format that other readers (KCL, Lambda's
 * de-aggregation libraries) parse and ignore; a plain record can't carry any. A value that is valid
 * UTF-8 is stored as that text, any other value as base64 behind the prefix {@code data:;base64,}:
 * reading gives the original bytes back in both cases.
 *
 * <p>Immutable. Names and values are never part of {@link #toString()}.
 */
public final class Headers implements Iterable<Headers.Header> {
  /** No headers. */
  public static final Headers NONE = new Headers(List.of(), new byte[0]);

  private final List<Header> list;

  /**
   * The fields "tags" of a Record message, ready to be appended to it: encoded once by those who
   * build headers to put them, not at all by those who only read them.
   */
  private final byte @Nullable [] wireBytes;

  private Headers(List<Header> list, byte @Nullable [] wireBytes) {
    this.list = list;
    this.wireBytes = wireBytes;
  }

  static Headers received(List<Header> headers) {
    return new Headers(List.copyOf(headers), null);
  }

  /** Starts with no headers. */
  public static Builder builder() {
    return new Builder();
  }

  /** Whether there is none. */
  public boolean isEmpty() {
    return list.isEmpty();
  }

  /** The number of headers. */
  public int size() {
    return list.size();
  }

  /** The value of the last header of this name, as a copy. */
  public Optional<byte[]> value(String name) {
    return last(name).map(Header::value);
  }

  /** The value of the last header of this name, as UTF-8 text. */
  public Optional<String> text(String name) {
    return last(name).map(Header::text);
  }

  /** The headers in their order; the iterator removes nothing. */
  @Override
  public Iterator<Header> iterator() {
    return list.iterator();
  }

  /** Equal when the same names and values come in the same order. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Headers headers && list.equals(headers.list);
  }

  @Override
  public int hashCode() {
    return list.hashCode();
  }

  /** The number of headers: no names, no values. */
  @Override
  public String toString() {
    return "Headers[size=" + list.size() + "]";
  }

  /** What these headers add to their record's encoding; not to be changed. */
  byte[] wireBytes() {
    return wireBytes != null ? wireBytes : encode(list);
  }

  private Optional<Header> last(String name) {
    for (int i = list.size() - 1; i >= 0; i--) {
      if (list.get(i).name.equals(name)) {
        return Optional.of(list.get(i));
      }
    }
    return Optional.empty();
  }

  /** One header. Immutable. */
  public static final class Header {
    private final String name;
    private final byte[] value;

    Header(String name, byte[] value) {
      this.name = name;
      this.value = value;
    }

    /** The name. */
    public String name() {
      return name;
    }

    /** A copy of the value. */
    public byte[] value() {
      return value.clone();
    }

    /** The value as UTF-8 text; malformed sequences appear as U+FFFD. */
    public String text() {
      return new String(value, StandardCharsets.UTF_8);
    }

    /** Equal when name and value are. */
    @Override
    public boolean equals(Object other) {
      return other instanceof Header header
          && name.equals(header.name)
          && Arrays.equals(value, header.value);
    }

    @Override
    public int hashCode() {
      return 31 * name.hashCode() + Arrays.hashCode(value);
    }

    /** The value's size: no name, no value. */
    @Override
    public String toString() {
      return "Header[valueBytes=" + value.length + "]";
    }
  }

  /** Collects headers. Not thread-safe. */
  public static final class Builder {
    private final List<Header> list = new ArrayList<>();

    private Builder() {}

    /**
     * Adds a header.
     *
     * @param name at least one character
     * @param value copied; may be empty
     * @throws IllegalArgumentException if the name is empty or holds an unpaired surrogate
     */
    public Builder add(String name, byte[] value) {
      if (name.isEmpty()) {
        throw new IllegalArgumentException(
            "header name is empty: it must have at least 1 character");
      }
      Utf8.requireEncodable(name, "header name");
      list.add(new Header(name, value.clone()));
      return this;
    }

    /**
     * Adds a header whose value is the UTF-8 form of a text.
     *
     * @param name at least one character
     * @param text may be empty
     * @throws IllegalArgumentException if the name is empty, or name or text hold an unpaired
     *     surrogate
     */
    public Builder add(String name, String text) {
      Utf8.requireEncodable(text, "header value");
      return add(name, text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * The headers added so far.
     *
     * @throws IllegalArgumentException if they take more than 2^31-1 bytes
     */
    public Headers build() {
      return list.isEmpty() ? NONE : new Headers(List.copyOf(list), encode(list));
    }
  }

  private static byte[] encode(List<Header> headers) {
    List<byte[]> values = new ArrayList<>(headers.size());
    long bytes = 0;
    for (Header header : headers) {
      byte[] value = HeaderValue.toWire(header.value);
      values.add(value);
      bytes += framed(tagBytes(header, value));
    }
    if (bytes > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("headers take " + bytes + " bytes: the maximum is 2^31-1");
    }
    byte[] wire = new byte[(int) bytes];
    CodedOutputStream out = CodedOutputStream.newInstance(wire);
    try {
      for (int i = 0; i < headers.size(); i++) {
        writeTag(out, headers.get(i), values.get(i));
      }
    } catch (IOException e) {
      throw new IllegalStateException("the size of the headers is wrong: this is a defect", e);
    }
    out.checkNoSpaceLeft();
    return wire;
  }

  private static void writeTag(CodedOutputStream out, Header header, byte[] value)
      throws IOException {
    out.writeUInt32NoTag(AggregateFormat.TAGS_TAG);
    out.writeUInt32NoTag((int) tagBytes(header, value));
    out.writeUInt32NoTag(AggregateFormat.TAG_KEY_TAG);
    out.writeStringNoTag(header.name);
    out.writeUInt32NoTag(AggregateFormat.TAG_VALUE_TAG);
    out.writeUInt32NoTag(value.length);
    out.writeRawBytes(value);
  }

  private static long tagBytes(Header header, byte[] value) {
    return framed(Utf8.length(header.name, "header name")) + framed(value.length);
  }

  private static long framed(long contentBytes) {
    return AggregateFormat.FIELD_KEY_BYTES
        + CodedOutputStream.computeUInt64SizeNoTag(contentBytes)
        + contentBytes;
  }
}
