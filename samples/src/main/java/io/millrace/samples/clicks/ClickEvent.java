package io.millrace.samples.clicks;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/**
 * What travels through the stream: one click of one user, as JSON.
 *
 * @param run which run of the quickstart put it; a stream may hold more than one
 * @param id the event's number within the run
 * @param atMicros when the user clicked, as microseconds since the epoch
 */
public record ClickEvent(
    String run, int id, String user, String page, String referrer, long atMicros) {
  private static final ObjectMapper JSON = new ObjectMapper();

  public byte[] toJson() {
    try {
      return JSON.writeValueAsBytes(this);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static ClickEvent fromJson(ByteBuffer json) throws IOException {
    return JSON.readValue(new BufferStream(json), ClickEvent.class);
  }

  /** Reads a buffer without copying it first. Confined to one thread. */
  private static final class BufferStream extends InputStream {
    private final ByteBuffer buffer;

    private BufferStream(ByteBuffer buffer) {
      this.buffer = buffer;
    }

    @Override
    public int read() {
      return buffer.hasRemaining() ? buffer.get() & 0xFF : -1;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      if (!buffer.hasRemaining()) {
        return -1;
      }
      int count = Math.min(length, buffer.remaining());
      buffer.get(into, offset, count);
      return count;
    }
  }
}
