package io.millrace.integration.producer.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.producer.StreamProducer;
import io.millrace.producer.UserRecord;
import io.millrace.testkit.kinesis.fault.Fault;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** User code meets neither the producer's loop nor a thread of the SDK. */
class OutcomeThreadsTest extends ProducerOverHttp {
  @Test
  void outcomesAreToldOnCallbackThreads() throws Exception {
    producer = producer(settings(), 1);
    assertThat(threadOfNextOutcome()).startsWith("millrace-producer-callback-");
    onPuts(Fault.accessDenied());
    assertThat(threadOfNextOutcome()).as("of a failure").startsWith("millrace-producer-callback-");
  }

  @Test
  void outcomesAreToldOnTheCallersExecutorWhereThereIsOne() throws Exception {
    ExecutorService mine = Executors.newSingleThreadExecutor(task -> new Thread(task, "mine"));
    try {
      server.createStream(stream, 1);
      producer =
          StreamProducer.builder(kinesis)
              .settings(settings().build())
              .callbackExecutor(mine)
              .build();
      assertThat(threadOfNextOutcome()).isEqualTo("mine");
      assertThat(mine.isShutdown()).isFalse();
    } finally {
      mine.shutdown();
    }
  }

  private String threadOfNextOutcome() throws Exception {
    CompletableFuture<String> thread = new CompletableFuture<>();
    producer.put(
        stream,
        UserRecord.of("key", new byte[10]),
        (result, failure) -> thread.complete(Thread.currentThread().getName()));
    return thread.get(LIMIT_SECONDS, TimeUnit.SECONDS);
  }
}
