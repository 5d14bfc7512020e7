package io.millrace.producer.internal.aggregate;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SpareChunksTest {
  /** Room for two chunks. */
  private final SpareChunks spares = new SpareChunks(16L * SpareChunks.CHUNK_BYTES);

  private static byte[] chunk() {
    return new byte[SpareChunks.CHUNK_BYTES];
  }

  @Test
  void chunkGivenLastIsTakenFirst() {
    byte[] first = chunk();
    byte[] second = chunk();
    spares.give(first);
    spares.give(second);
    assertThat(spares.poll()).isSameAs(second);
    assertThat(spares.poll()).isSameAs(first);
    assertThat(spares.poll()).isNull();
  }

  @Test
  void noMoreAreKeptThanTheBudgetsPart() {
    for (int i = 0; i < 3; i++) {
      spares.give(chunk());
    }
    assertThat(spares.poll()).isNotNull();
    assertThat(spares.poll()).isNotNull();
    assertThat(spares.poll()).isNull();
    spares.give(chunk());
    assertThat(spares.poll()).as("there is room again").isNotNull();
  }

  @Test
  void chunkOfAnotherSizeIsNotKept() {
    spares.give(new byte[SpareChunks.CHUNK_BYTES + 1]);
    assertThat(spares.poll()).isNull();
  }
}
