package io.millrace.testkit.kinesis.call;

import io.millrace.testkit.kinesis.model.KinesisError;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What a subscription has for its reader. Immutable. */
public sealed interface SubscriptionStep {
  /** Turns the step into a value, by kind. */
  <T> T match(
      Function<? super Push, ? extends T> push,
      Function<? super Wait, ? extends T> wait,
      Function<? super End, ? extends T> end);

  /**
   * An event to send.
   *
   * @param event its records and continuation
   */
  record Push(ConsumerCall.SubscribeToShardEvent event) implements SubscriptionStep {
    @Override
    public <T> T match(
        Function<? super Push, ? extends T> push,
        Function<? super Wait, ? extends T> wait,
        Function<? super End, ? extends T> end) {
      return push.apply(this);
    }
  }

  /**
   * Nothing to send now.
   *
   * @param nanos ask again after this time at the latest
   */
  record Wait(long nanos) implements SubscriptionStep {
    @Override
    public <T> T match(
        Function<? super Push, ? extends T> push,
        Function<? super Wait, ? extends T> wait,
        Function<? super End, ? extends T> end) {
      return wait.apply(this);
    }
  }

  /**
   * The subscription is over.
   *
   * @param error the exception event to send first, or null after a regular end
   * @param reset whether to reset the connection instead of ending the answer (an injected fault)
   */
  record End(@Nullable KinesisError error, boolean reset) implements SubscriptionStep {
    @Override
    public <T> T match(
        Function<? super Push, ? extends T> push,
        Function<? super Wait, ? extends T> wait,
        Function<? super End, ? extends T> end) {
      return end.apply(this);
    }
  }
}
