package io.millrace.integration.producer.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.integration.endpoint.TestStream;
import io.millrace.producer.PutFailure;
import io.millrace.testkit.kinesis.fault.Fault;
import io.millrace.testkit.kinesis.fault.FaultRule;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Many threads whose puts wait in a full budget while the endpoint answers nothing. */
class FullBudgetOverHttpTest extends ProducerOverHttp {
  private static final int THREADS = 64;
  private static final int INTERRUPTED = 8;
  private static final long BUFFER_BYTES = 1 << 20;

  /** Of each thread, once the endpoint goes on: so nobody is passed over for good. */
  private static final int MORE_PUTS = 10;

  private final List<Putting> all =
      IntStream.range(0, THREADS).mapToObj(number -> new Putting(this, number)).toList();

  @AfterEach
  void stopPutting() {
    all.forEach(Putting::finish);
  }

  @Test
  void sixtyFourWaitingThreadsAreLetInWhenTheEndpointGoesOn() throws Exception {
    producer =
        producer(
            impatientSettings().bufferBytes(BUFFER_BYTES).deliveryTimeout(Duration.ofMinutes(10)),
            4);
    put("the stream is described").join();
    FaultRule silence = onPuts(Fault.lostRequest());
    all.forEach(Thread::start);
    TestStream.await(
        "all threads wait", () -> withinBudget() && all.stream().allMatch(Putting::isWaiting));

    for (Putting victim : all.subList(0, INTERRUPTED)) {
      assertThat(victim.interruptWaitingPut().reason()).isEqualTo(PutFailure.INTERRUPTED);
    }

    List<Putting> others = all.subList(INTERRUPTED, THREADS);
    TestStream.await(
        "the others still wait",
        () -> withinBudget() && others.stream().allMatch(Putting::isWaiting));
    long[] before = others.stream().mapToLong(Putting::accepted).toArray();
    silence.cancel();
    TestStream.await(
        "everybody is let in, again and again",
        () ->
            withinBudget()
                && IntStream.range(0, others.size())
                    .allMatch(i -> others.get(i).accepted() >= before[i] + MORE_PUTS));

    stopPutting();
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
