package io.millrace.consumer.internal.fetch;

import org.jspecify.annotations.Nullable;

/** Replies that a port did not give. */
final class Replies {
  /** No reply came at all, though the port promises one. */
  static final KinesisFault LOST =
      new KinesisFault(
          KinesisFault.Kind.TRANSIENT, "NoReply", "no reply within twice the time-out");

  private Replies() {}

  /** The reply, or what the port's own failure amounts to. */
  static <T> Reply<T> orDefect(@Nullable Reply<T> reply, @Nullable Throwable defect) {
    if (reply != null) {
      return reply;
    }
    String code = defect == null ? "NoReply" : defect.getClass().getName();
    return new Reply.Failed<>(
        new KinesisFault(KinesisFault.Kind.TRANSIENT, code, "the port failed"));
  }
}
