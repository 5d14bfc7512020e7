package io.millrace.samples.clicks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ClickEventTest {
  @Test
  void eventComesBackFromItsJson() throws IOException {
    Clicks clicks = new Clicks(new SplittableRandom(1));
    ClickEvent event = clicks.next("run", 7, 12, 1_700_000_000_000_000L);

    assertThat(ClickEvent.fromJson(ByteBuffer.wrap(event.toJson()).asReadOnlyBuffer()))
        .isEqualTo(event);
  }

  @Test
  void fewUsersClickALotAndEveryUserIsInRange() {
    Clicks clicks = new Clicks(new SplittableRandom(1));
    int[] counts = new int[Clicks.USERS];
    for (int i = 0; i < 100_000; i++) {
      counts[clicks.nextUser()]++;
    }

    assertThat(counts[0]).isGreaterThan(5_000);
    assertThat(counts[1_000]).isBetween(1, 100);
  }
}
