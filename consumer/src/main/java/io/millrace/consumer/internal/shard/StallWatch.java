package io.millrace.consumer.internal.shard;

import io.millrace.consumer.ShardStatus;
import io.millrace.consumer.StallReason;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log, once each, that a shard stands still for too long, and that it moves again.
 * Confined to the worker loop.
 */
final class StallWatch {
  private static final Logger log = LoggerFactory.getLogger(StallWatch.class);

  private final Duration threshold;
  private boolean told;

  StallWatch(Duration threshold) {
    this.threshold = threshold;
  }

  void see(ShardStatus status) {
    boolean stalled = status.stalledFor(threshold);
    if (stalled && !told) {
      log.warn(
          "{} stands still: {}",
          status.shard(),
          status.stall().map(StallReason::describe).orElse(""));
    } else if (!stalled && told) {
      log.info("{} moves again", status.shard());
    }
    told = stalled;
  }
}
