package io.millrace.consumer.internal.discover;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A stream can't be used. The message says what to do, and is fit for logs and health. */
public final class StreamException extends IllegalStateException {
  @Serial private static final long serialVersionUID = 1L;

  private final String text;

  StreamException(String text, @Nullable Throwable cause) {
    super(text, cause);
    this.text = text;
  }

  /** The message. */
  public String text() {
    return text;
  }
}
