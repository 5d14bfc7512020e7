package io.millrace.integration.producer.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.integration.endpoint.TestStream;
import io.millrace.producer.PutFailure;
import io.millrace.producer.PutResult;
import io.millrace.testkit.kinesis.fault.Fault;
import io.millrace.testkit.kinesis.fault.FaultRule;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Many threads whose puts wait in a full budget while the endpoint answers nothing. */
class FullBudgetOverHttpTest extends ProducerOverHttp {
  private static final int THREADS = 64;
  private static final int INTERRUPTED = 8;
  private static final long BUFFER_BYTES = 1 << 20;
  private static final String PADDING = "x".repeat(1_000);

  /** Of each thread, once the endpoint goes on: so nobody is passed over for good. */
  private static final int MORE_PUTS = 10;

  private volatile boolean stop;

  /** Puts until it is told to stop, or was interrupted while it waited. */
  private final class Putting extends Thread {
    private final AtomicLong accepted = new AtomicLong();
    private final CompletableFuture<CompletableFuture<PutResult>> interrupted =
        new CompletableFuture<>();

    Putting(int number) {
      super("put-" + number);
      setDaemon(true);
    }

    @Override
    public void run() {
      while (!stop && !interrupted.isDone()) {
        String data = getName() + "-" + accepted.get() + PADDING;
        CompletableFuture<PutResult> put = put(data);
        // An interrupt may come when the put has just got its room: then it is accepted.
        if (Thread.interrupted() && put.isCompletedExceptionally()) {
          puts.remove(data);
          interrupted.complete(put);
        } else {
          accepted.incrementAndGet();
        }
      }
    }

    boolean isWaiting() {
      return getState() == State.WAITING;
    }
  }

  @AfterEach
  void stopPutting() {
    stop = true;
  }

  @Test
  void sixtyFourWaitingThreadsAreLetInWhenTheEndpointGoesOn() throws Exception {
    producer =
        producer(
            impatientSettings().bufferBytes(BUFFER_BYTES).deliveryTimeout(Duration.ofMinutes(10)),
            4);
    put("the stream is described").join();
    FaultRule silence = onPuts(Fault.lostRequest());
    List<Putting> all = IntStream.range(0, THREADS).mapToObj(Putting::new).toList();
    all.forEach(Thread::start);
    TestStream.await(
        "all threads wait", () -> withinBudget() && all.stream().allMatch(Putting::isWaiting));

    List<Putting> victims = all.subList(0, INTERRUPTED);
    for (Putting victim : victims) {
      TestStream.await(
          "a waiting put is interrupted",
          () -> {
            if (victim.isWaiting()) {
              victim.interrupt();
            }
            return victim.interrupted.isDone();
          });
      assertThat(failureOf(victim.interrupted.join()).reason()).isEqualTo(PutFailure.INTERRUPTED);
    }

    List<Putting> others = all.subList(INTERRUPTED, THREADS);
    TestStream.await(
        "the others still wait",
        () -> withinBudget() && others.stream().allMatch(Putting::isWaiting));
    long[] before = others.stream().mapToLong(putting -> putting.accepted.get()).toArray();
    silence.cancel();
    TestStream.await(
        "everybody is let in, again and again",
        () ->
            withinBudget()
                && IntStream.range(0, others.size())
                    .allMatch(i -> others.get(i).accepted.get() >= before[i] + MORE_PUTS));

    stop = true;
    for (Putting putting : all) {
      putting.join();
    }
    awaitAll();
    assertEverythingStored();
  }

  private boolean withinBudget() {
    assertThat(producer.status().bytes()).isLessThanOrEqualTo(BUFFER_BYTES);
    return true;
  }
}
