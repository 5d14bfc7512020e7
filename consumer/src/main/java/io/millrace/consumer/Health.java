package io.millrace.consumer;

import java.util.List;

/**
 * Whether this worker is alive and ready, for probes.
 *
 * @param live the worker runs: it has not stopped, and its loop turned within the last seconds.
 *     Restart the process if not
 * @param ready registered, and no lease is stalled for longer than {@link
 *     ConsumerSettings#stallAfter()} or parked. A worker without any lease is ready: there may be
 *     more workers than shards
 * @param problems one line for each thing that is wrong; no record content
 */
public record Health(boolean live, boolean ready, List<String> problems) {
  /** Copies the list. */
  public Health {
    problems = List.copyOf(problems);
  }
}
