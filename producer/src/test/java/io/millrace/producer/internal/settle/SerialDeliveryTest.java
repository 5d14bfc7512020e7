package io.millrace.producer.internal.settle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class SerialDeliveryTest {
  private final Queue<Runnable> executor = new ArrayDeque<>();
  private final List<String> done = new ArrayList<>();

  @Test
  void deliveriesOfOneShardRunInOrderAndNeverAtOnce() {
    SerialDelivery serial = new SerialDelivery(executor::add);
    serial.post(() -> done.add("a"));
    serial.post(() -> done.add("b"));
    assertThat(executor).hasSize(1);
    serial.post(() -> done.add("c"));
    executor.poll().run();
    assertThat(done).containsExactly("a", "b", "c");
    serial.post(() -> done.add("d"));
    executor.poll().run();
    assertThat(done).endsWith("d");
  }

  @Test
  void afterSomeDeliveriesOthersGetTheirTurn() {
    SerialDelivery busy = new SerialDelivery(executor::add);
    SerialDelivery other = new SerialDelivery(executor::add);
    for (int i = 0; i < 200; i++) {
      busy.post(() -> done.add("busy"));
    }
    other.post(() -> done.add("other"));
    while (!executor.isEmpty()) {
      executor.poll().run();
    }
    assertThat(done.indexOf("other")).isLessThan(100);
    assertThat(done).hasSize(201);
  }

  @Test
  void aDeliveryThatFailsDoesNotStopTheNext() {
    SerialDelivery serial = new SerialDelivery(executor::add);
    serial.post(
        () -> {
          throw new IllegalStateException("a defect");
        });
    serial.post(() -> done.add("b"));
    executor.poll().run();
    assertThat(done).containsExactly("b");
  }

  @Test
  void whenTheUsersExecutorRejectsOurOwnThreadsTakeOver() throws InterruptedException {
    AtomicReference<Thread> ran = new AtomicReference<>();
    Thread[] made = new Thread[1];
    CallbackPool pool =
        new CallbackPool(
            task -> {
              throw new RejectedExecutionException("shut down");
            },
            1,
            task -> {
              made[0] = new Thread(task);
              made[0].setDaemon(true);
              return made[0];
            });
    Thread[] finished = new Thread[1];
    java.util.concurrent.CountDownLatch latch = new java.util.concurrent.CountDownLatch(1);
    pool.execute(
        () -> {
          ran.set(Thread.currentThread());
          assertThat(pool.isInCallback()).isTrue();
          finished[0] = Thread.currentThread();
          latch.countDown();
        });
    latch.await();
    assertThat(ran.get()).isSameAs(made[0]);
    assertThat(pool.isInCallback()).isFalse();
  }
}
