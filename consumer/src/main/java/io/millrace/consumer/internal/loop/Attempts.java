package io.millrace.consumer.internal.loop;

import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A request that is made again, after a backoff, while its failure may pass, and so often at most.
 * Confined to the loop.
 *
 * @param <T> its reply
 */
public final class Attempts<T> {
  private final EventLoop loop;
  private final Supplier<CompletionStage<T>> request;
  private final long timeoutNanos;
  private final int most;
  private final Backoff backoff;

  /**
   * Describes the request.
   *
   * @param timeoutNanos of each attempt
   * @param most how often it is made
   * @param backoff of this request alone
   */
  public Attempts(
      EventLoop loop,
      Supplier<CompletionStage<T>> request,
      long timeoutNanos,
      int most,
      Backoff backoff) {
    this.loop = loop;
    this.request = request;
    this.timeoutNanos = timeoutNanos;
    this.most = most;
    this.backoff = backoff;
  }

  /**
   * Makes it.
   *
   * @param mayPass whether a reply, or the absence of one, is a failure that another attempt may
   *     not meet
   * @param onEnd gets the last reply or failure, on the loop, once
   */
  public void make(
      BiPredicate<@Nullable T, @Nullable Throwable> mayPass,
      BiConsumer<@Nullable T, @Nullable Throwable> onEnd) {
    loop.request(
        request,
        timeoutNanos,
        (reply, failure) -> {
          if (mayPass.test(reply, failure) && backoff.failures() + 1 < most) {
            loop.after(backoff.nextNanos(), () -> make(mayPass, onEnd));
          } else {
            onEnd.accept(reply, failure);
          }
        });
  }
}
