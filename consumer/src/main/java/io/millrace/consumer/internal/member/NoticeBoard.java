package io.millrace.consumer.internal.member;

import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.Notice;
import io.millrace.consumer.lease.WorkerRow;
import java.util.ArrayDeque;
import java.util.List;

/**
 * The notices that this worker's next heartbeat carries: the last few, with a sequence that shows a
 * reader what it has missed. Confined to the loop.
 */
final class NoticeBoard {
  private final ArrayDeque<Notice> last = new ArrayDeque<>();
  private long sequence;

  void post(Notice.Kind kind, LeaseKey lease) {
    last.add(new Notice(++sequence, kind, lease));
    if (last.size() > WorkerRow.MAX_NOTICES) {
      last.remove();
    }
  }

  List<Notice> last() {
    return List.copyOf(last);
  }
}
