package io.millrace.consumer.internal.process;

import io.millrace.consumer.internal.shard.DataPath;
import org.junit.jupiter.api.BeforeEach;

/** The same where nobody needs the time of each call, so that the clock is asked less often. */
class QuickHandlerWithoutMetersTest extends QuickHandlerTest {
  @BeforeEach
  void noMeters() {
    worker.meters = DataPath.NO_METERS;
  }
}
