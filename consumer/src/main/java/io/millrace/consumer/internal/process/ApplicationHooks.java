package io.millrace.consumer.internal.process;

import io.micrometer.observation.ObservationRegistry;
import io.millrace.consumer.handler.DuplicateFilter;
import io.millrace.consumer.handler.SuspectedLossHandler;
import java.util.Optional;

/**
 * What the application wants beside its records.
 *
 * @param losses is told of suspected losses
 * @param observations observes calls of user code
 * @param duplicates leaves out events that were processed a short while ago
 */
public record ApplicationHooks(
    SuspectedLossHandler losses,
    ObservationRegistry observations,
    Optional<DuplicateFilter> duplicates) {
  /** For an application that wants to know nothing. */
  public static final ApplicationHooks NONE =
      new ApplicationHooks(loss -> {}, ObservationRegistry.NOOP, Optional.empty());
}
