package io.millrace.producer.internal.settle;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs deliveries one after the other, in order, on an executor shared with others: one per shard,
 * so that a slow callback delays its own shard only. Posting never blocks.
 *
 * <p>Bounded by the byte budget: what is posted still holds its overhead's share of it.
 *
 * <p>Thread-safe. The lock guards the queue; no delivery runs under it.
 */
public final class SerialDelivery {
  private static final Logger LOG = LoggerFactory.getLogger(SerialDelivery.class);

  /** Others get their turn after so many. */
  private static final int MAX_PER_TURN = 64;

  private final Executor executor;
  private final Deque<Runnable> queue = new ArrayDeque<>();
  private boolean scheduled;

  /** Runs on this executor, which must neither reject nor run in the calling thread. */
  public SerialDelivery(Executor executor) {
    this.executor = executor;
  }

  /** Runs a delivery after those posted before. */
  public void post(Runnable delivery) {
    synchronized (queue) {
      queue.add(delivery);
      if (scheduled) {
        return;
      }
      scheduled = true;
    }
    executor.execute(this::run);
  }

  private void run() {
    for (int i = 0; i < MAX_PER_TURN; i++) {
      Runnable next;
      synchronized (queue) {
        next = queue.poll();
        if (next == null) {
          scheduled = false;
          return;
        }
      }
      try {
        next.run();
      } catch (RuntimeException | Error e) {
        LOG.error("a delivery failed: this is a defect; the others go on", e);
      }
    }
    executor.execute(this::run);
  }
}
