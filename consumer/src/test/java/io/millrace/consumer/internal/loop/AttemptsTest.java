package io.millrace.consumer.internal.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class AttemptsTest {
  private static final long TIMEOUT = 1_000;
  private static final long FIRST_WAIT = 80;

  private final EventLoop loop = new EventLoop(0, InstantSource.fixed(Instant.EPOCH));
  private final Queue<CompletableFuture<String>> replies = new ArrayDeque<>();
  private final List<Long> madeAt = new ArrayList<>();
  private final List<Object> ends = new ArrayList<>();

  private void make(int most) {
    new Attempts<>(
            loop,
            () -> {
              madeAt.add(loop.nowNanos());
              return replies.remove();
            },
            TIMEOUT,
            most,
            new Backoff(new SplittableRandom(1), FIRST_WAIT, 10 * FIRST_WAIT))
        .make(
            (reply, failure) -> reply == null && !(failure instanceof IllegalStateException),
            (reply, failure) -> ends.add(reply != null ? reply : failure));
  }

  private void runUntil(long nanos) {
    for (long now = loop.nowNanos(); now <= nanos; now++) {
      loop.tick(now);
    }
  }

  @Test
  void failureThatMayPassIsTriedAgainAfterAWait() {
    replies.add(CompletableFuture.failedFuture(new IllegalArgumentException("passes")));
    replies.add(new CompletableFuture<>());
    replies.add(CompletableFuture.completedFuture("found"));
    make(3);
    runUntil(10 * TIMEOUT);
    assertThat(ends).containsExactly("found");
    assertThat(madeAt).hasSize(3);
    assertThat(madeAt.get(1)).isBetween(FIRST_WAIT / 8, FIRST_WAIT);
    assertThat(madeAt.get(2) - madeAt.get(1))
        .as("the time-out and a wait")
        .isBetween(TIMEOUT + FIRST_WAIT / 4, TIMEOUT + 2 * FIRST_WAIT);
  }

  @Test
  void failureThatDoesNotPassEndsIt() {
    IllegalStateException futile = new IllegalStateException("for good");
    replies.add(CompletableFuture.failedFuture(futile));
    make(3);
    runUntil(10 * TIMEOUT);
    assertThat(ends).containsExactly(futile);
    assertThat(madeAt).hasSize(1);
  }

  @Test
  void itIsMadeSoOftenAtMostAndEndsWithTheLastFailure() {
    for (int i = 0; i < 4; i++) {
      replies.add(new CompletableFuture<>());
    }
    make(3);
    runUntil(20 * TIMEOUT);
    assertThat(madeAt).hasSize(3);
    assertThat(ends).singleElement().isInstanceOf(TimeoutException.class);
  }
}
