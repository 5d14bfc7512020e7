package io.millrace.consumer.internal.shard;

import static io.millrace.consumer.internal.testing.TestRecords.aggregate;
import static io.millrace.consumer.internal.testing.TestRecords.corrupt;
import static io.millrace.consumer.internal.testing.TestRecords.plain;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import io.millrace.consumer.StallReason;
import io.millrace.consumer.failure.FailurePolicy;
import io.millrace.consumer.internal.fetch.KinesisFault;
import io.millrace.consumer.internal.testing.FakeOwnership;
import io.millrace.consumer.internal.testing.Worker;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * Everything fails at level TRACE, and what the application's records hold is in no log line,
 * status or meter.
 */
class NoLeaksTest {
  private static final ShardId SHARD = new ShardId("shardId-000000000000");
  private static final String CANARY = "canary";

  private final ListAppender<ILoggingEvent> appender = new ListAppender<>();

  @Test
  void keysDataAndTheApplicationsMessagesStayOutOfLogsStatusAndMeters() {
    Logger logger = (Logger) LoggerFactory.getLogger("io.millrace");
    Level before = logger.getLevel();
    logger.setLevel(Level.TRACE);
    appender.start();
    logger.addAppender(appender);
    List<String> shown = new ArrayList<>();
    try {
      run(false, shown);
      run(true, shown);
    } finally {
      logger.detachAppender(appender);
      logger.setLevel(before);
    }
    assertThat(appender.list).isNotEmpty();
    for (ILoggingEvent event : appender.list) {
      shown.add(event.getFormattedMessage());
      if (event.getThrowableProxy() != null) {
        shown.add(ThrowableProxyUtil.asString(event.getThrowableProxy()));
      }
    }
    assertThat(shown).noneMatch(text -> text.contains(CANARY));
  }

  private static void run(boolean withDestination, List<String> shown) {
    Worker worker = new Worker();
    FailurePolicy.Builder policy = FailurePolicy.builder().maximumRetryAttempts(2);
    if (withDestination) {
      policy.onFailure(
          failed -> {
            shown.add(failed.toString());
            return CompletableFuture.failedFuture(new IllegalStateException(CANARY));
          });
    }
    worker.policy = policy.build();
    worker.onRecord(
        record -> {
          shown.add(record.toString());
          throw new IllegalStateException(CANARY + " " + record.partitionKey());
        });
    worker.kinesis.put(
        SHARD,
        corrupt(0),
        plain(1, CANARY + "-key", CANARY + "-data"),
        aggregate(2, List.of(CANARY, CANARY + "2")));
    worker.kinesis.failReads(KinesisFault.Kind.values());
    FakeOwnership lease = new FakeOwnership();
    lease.answer(new CheckpointOutcome.Unavailable("throttled"));
    ShardConsumer consumer = worker.grant(SHARD, lease);
    for (int i = 0; i < 120; i++) {
      worker.run(Duration.ofSeconds(1));
      shown.add(consumer.status(worker.time.now()).toString());
      consumer.status(worker.time.now()).stall().map(StallReason::describe).ifPresent(shown::add);
    }
    lease.parked.ifPresent(shown::add);
    worker.meters.getMeters().forEach(meter -> shown.add(meter.getId().toString()));
    consumer.leaseLost(worker.time.now());
    worker.settle();
  }
}
