package io.millrace.producer.internal.sdk;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.reactivestreams.Publisher;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;

/**
 * Keeps a copy of one response's raw body, for a field that the SDK's model lacks.
 *
 * <p>Used for one request. The SDK writes from its I/O thread and completes the call afterwards;
 * the reader reads after that.
 */
final class ResponseTap implements ExecutionInterceptor {
  private static final int MAX_BYTES = 1 << 20;

  private final ByteArrayOutputStream body = new ByteArrayOutputStream();

  @Override
  public Optional<Publisher<ByteBuffer>> modifyAsyncHttpResponseContent(
      Context.ModifyHttpResponse context, ExecutionAttributes attributes) {
    return context
        .responsePublisher()
        .map(publisher -> SdkPublisher.adapt(publisher).map(this::copied));
  }

  /** The text value of a field, from a body in CBOR or JSON. */
  Optional<String> textField(String name) {
    synchronized (body) {
      return RawFields.text(body.toByteArray(), name);
    }
  }

  private ByteBuffer copied(ByteBuffer part) {
    synchronized (body) {
      ByteBuffer view = part.duplicate();
      while (view.hasRemaining() && body.size() < MAX_BYTES) {
        body.write(view.get());
      }
    }
    return part;
  }
}
