package io.millrace.producer.internal.loop;

import io.millrace.producer.ProducerInterceptor;
import io.millrace.producer.PutCallback;
import io.millrace.producer.PutFailedException;
import io.millrace.producer.PutResult;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Shows an outcome to the interceptors before the application hears of it. Immutable. */
final class InterceptedCallback implements PutCallback {
  private static final Logger LOG = LoggerFactory.getLogger(InterceptedCallback.class);

  private final String stream;
  private final List<ProducerInterceptor> interceptors;
  private final PutCallback target;

  InterceptedCallback(String stream, List<ProducerInterceptor> interceptors, PutCallback target) {
    this.stream = stream;
    this.interceptors = interceptors;
    this.target = target;
  }

  @Override
  public void settled(@Nullable PutResult result, @Nullable PutFailedException failure) {
    for (ProducerInterceptor interceptor : interceptors) {
      try {
        interceptor.afterResult(stream, result, failure);
      } catch (RuntimeException | Error e) {
        LOG.error("an interceptor threw an exception; the outcome goes on", e);
      }
    }
    target.settled(result, failure);
  }
}
