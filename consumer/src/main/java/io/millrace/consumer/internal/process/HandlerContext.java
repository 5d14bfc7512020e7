package io.millrace.consumer.internal.process;

import io.millrace.model.ShardId;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * What log lines of user code carry: {@code millrace.application}, {@code millrace.stream}, {@code
 * millrace.shard}.
 *
 * @param application the application's name
 * @param stream the stream's name or ARN
 * @param shard the shard
 */
public record HandlerContext(String application, String stream, ShardId shard) {
  /** Puts it on this thread; what was there comes back by {@link #leave}. */
  @Nullable Map<String, String> enter() {
    Map<String, String> before = MDC.getCopyOfContextMap();
    MDC.put("millrace.application", application);
    MDC.put("millrace.stream", stream);
    MDC.put("millrace.shard", shard.value());
    return before;
  }

  /** Puts back what {@link #enter} found. */
  void leave(@Nullable Map<String, String> before) {
    if (before == null) {
      MDC.clear();
    } else {
      MDC.setContextMap(before);
    }
  }

  /** The same task with this context around it. */
  public Runnable around(Runnable task) {
    return () -> {
      Map<String, String> before = enter();
      try {
        task.run();
      } finally {
        leave(before);
      }
    };
  }
}
