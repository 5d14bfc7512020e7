package io.millrace.integration.interop;

import io.millrace.integration.endpoint.TestStream;
import io.millrace.interop.peer.NumberedRecord;
import io.millrace.producer.StreamProducer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Records that are put all the time: by a producer of ours and, where there is one, every other
 * hundred by a KPL.
 */
final class Traffic implements AutoCloseable {
  private static final int BURST = 25;
  private static final long PAUSE_MILLIS = 250;
  private static final Duration LIMIT = Duration.ofMinutes(3);

  private final StreamProducer producer;
  private final Optional<PeerProcess> kpl;
  private final TestStream stream;
  private final Account account;
  private final AtomicInteger next = new AtomicInteger();
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Thread thread = new Thread(this::run, "traffic");

  Traffic(StreamProducer producer, Optional<PeerProcess> kpl, TestStream stream, Account account) {
    this.producer = producer;
    this.kpl = kpl;
    this.stream = stream;
    this.account = account;
    thread.setDaemon(true);
    thread.start();
  }

  /** How many records were put until now. */
  int count() {
    return next.get();
  }

  private void run() {
    try {
      for (int round = 0; !stop.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS); round++) {
        int from = next.get();
        int to = from + BURST;
        if (kpl.isPresent() && round % 2 == 1) {
          kpl.get().command("put " + from + " " + to + " " + InteropFixture.SIZE_BYTES);
        } else {
          put(from, to);
        }
        next.set(to);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void put(int from, int to) {
    for (int i = from; i < to; i++) {
      int number = i;
      var unused =
          producer
              .put(
                  stream.name(),
                  InteropFixture.userRecord(NumberedRecord.of(number, InteropFixture.SIZE_BYTES)))
              .whenComplete(
                  (result, failure) -> InteropFixture.settled(account, number, result, failure));
    }
  }

  /** Puts no more, and waits for every outcome; how many records were put in all. */
  int end() {
    close();
    int count = next.get();
    account.await("the outcomes of all puts", LIMIT, () -> account.settledCount() >= count);
    return count;
  }

  /** Puts no more. */
  @Override
  public void close() {
    stop.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
