package io.millrace.consumer.internal.member;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.Notice;
import io.millrace.consumer.lease.WorkerRow;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class NoticeBoardTest {
  private static final LeaseKey LEASE = LeaseKey.of("shardId-000000000001");

  private final NoticeBoard board = new NoticeBoard();

  private static long seconds(long seconds) {
    return Duration.ofSeconds(seconds).toNanos();
  }

  private void post(int notices, long nowNanos) {
    for (int i = 0; i < notices; i++) {
      board.post(Notice.Kind.RELEASED, LEASE, nowNanos);
    }
  }

  @Test
  void lastTwelveAreKept() {
    post(20, 0);

    assertThat(board.last(0)).hasSize(WorkerRow.MAX_NOTICES);
    assertThat(board.last(0).get(0).sequence()).isEqualTo(9);
  }

  @Test
  void oldNoticesGoButTheVeryLastShowsByItsSequenceWhatWasMissed() {
    post(5, 0);

    assertThat(board.last(seconds(30))).hasSize(5);
    assertThat(board.last(seconds(31))).extracting(Notice::sequence).containsExactly(5L);
  }

  @Test
  void youngNoticesStayWhenOldOnesGo() {
    post(3, 0);
    post(2, seconds(20));

    assertThat(board.last(seconds(40))).extracting(Notice::sequence).containsExactly(4L, 5L);
  }
}
