package io.millrace.consumer.internal.hold;

import io.millrace.consumer.internal.loop.EventLoop;
import io.millrace.consumer.internal.loop.Timer;
import io.millrace.consumer.internal.member.SelfFence;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the counter of one lease moving where that is the heartbeat: renews it when no other write
 * has moved it for the renewal time. Does nothing until it is told how often. Confined to the loop,
 * but for {@link #isUp}.
 */
final class Renewal {
  private final EventLoop loop;
  private final LeaseWriter writer;
  private final SelfFence workerFence;
  private final SelfFence leaseFence;
  private final HoldTiming timing;
  private final LeaseWriter.Write write;
  private volatile boolean perLease;
  private long renewalNanos;
  private @Nullable Timer timer;

  Renewal(
      EventLoop loop,
      LeaseWriter writer,
      SelfFence workerFence,
      HoldTiming timing,
      LeaseWriter.Write write) {
    this.loop = loop;
    this.writer = writer;
    this.workerFence = workerFence;
    this.leaseFence = workerFence.another();
    this.timing = timing;
    this.write = write;
  }

  /** Whether the heartbeats that this lease depends on are recent enough. From any thread. */
  boolean isUp(long nowNanos) {
    return workerFence.isUp(nowNanos) && (!perLease || leaseFence.isUp(nowNanos));
  }

  /** For how long they have been too old; 0 if they are not, or count for nothing. */
  long downNanos(long nowNanos) {
    long worker = workerFence.downNanos(nowNanos);
    return perLease ? Math.max(worker, leaseFence.downNanos(nowNanos)) : worker;
  }

  /** Whether they count for nothing, however recent they are. From any thread. */
  boolean isLowered() {
    return workerFence.isLowered() || (perLease && leaseFence.isLowered());
  }

  /** Whether the lease's own counter is a heartbeat, which a KCL may judge it by. */
  boolean isPerLease() {
    return perLease;
  }

  /** From now on the lease's own counter is its heartbeat. Renews at once, unless it was so. */
  void renewEvery(long nanos) {
    renewalNanos = nanos;
    if (!perLease) {
      perLease = true;
      if (leaseFence.isUp(loop.nowNanos())) {
        schedule();
      } else {
        renew();
      }
    }
  }

  /** From now on the worker's row is the only heartbeat again. */
  void renewNoMore() {
    perLease = false;
    end();
  }

  /** A write has landed that moved the counter, first sent at {@code sent}. */
  void landed(SelfFence.Stamp sent) {
    leaseFence.landed(sent);
    if (perLease) {
      schedule();
    }
  }

  void end() {
    if (timer != null) {
      timer.cancel();
    }
  }

  private void schedule() {
    end();
    timer = loop.after(renewalNanos, this::renew);
  }

  private void renew() {
    if (!perLease) {
      return;
    }
    if (writer.isIdle()) {
      writer.write(write, timing.checkpointNanos(), result -> {});
    }
    schedule();
  }
}
