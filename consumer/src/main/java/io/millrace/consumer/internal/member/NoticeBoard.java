package io.millrace.consumer.internal.member;

import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.Notice;
import io.millrace.consumer.lease.WorkerRow;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;

/**
 * The notices that this worker's next heartbeat carries: the last few, with a sequence that shows a
 * reader what it has missed. Old ones go, as every poll of every peer pays for them; the very last
 * one stays, for its sequence. Confined to the loop.
 */
final class NoticeBoard {
  /** Whoever has not polled for so long has lost its leases, and lists the table. */
  private static final long KEPT_NANOS = Duration.ofSeconds(30).toNanos();

  private final ArrayDeque<Posted> last = new ArrayDeque<>();
  private long sequence;

  private record Posted(Notice notice, long atNanos) {}

  void post(Notice.Kind kind, LeaseKey lease, long nowNanos) {
    last.add(new Posted(new Notice(++sequence, kind, lease), nowNanos));
    if (last.size() > WorkerRow.MAX_NOTICES) {
      last.remove();
    }
  }

  List<Notice> last(long nowNanos) {
    while (last.size() > 1 && nowNanos - last.element().atNanos() > KEPT_NANOS) {
      last.remove();
    }
    return last.stream().map(Posted::notice).toList();
  }
}
