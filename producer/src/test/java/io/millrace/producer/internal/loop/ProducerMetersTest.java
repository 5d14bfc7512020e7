package io.millrace.producer.internal.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.producer.ProducerSettings;
import io.millrace.producer.UserRecord;
import io.millrace.producer.internal.settle.CallbackPool;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

@SuppressWarnings("FutureReturnValueIgnored") // the meters tell
class ProducerMetersTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final FakeKinesis kinesis = new FakeKinesis(2);
  private final Queue<Runnable> callbacks = new ArrayDeque<>();
  private final ProducerCore producer =
      new ProducerCore(
          new ProducerConfig(ProducerSettings.defaults(), Map.of(), List.of()),
          kinesis,
          new CallbackPool(callbacks::add, 1, Thread::new),
          registry,
          new SplittableRandom(1));
  private long now;

  @Test
  void theyTellWhatHappenedToRecordsAndRequests() {
    kinesis.onPut =
        call ->
            call.store(
                e -> kinesis.puts.size() == 1 ? "ProvisionedThroughputExceededException" : null);
    for (int i = 0; i < 100; i++) {
      producer.tryPut("clicks", UserRecord.of("key-" + i, new byte[10]));
    }
    advance(Duration.ofSeconds(5));
    assertThat(counter("records.stored")).isEqualTo(100);
    assertThat(counter("kinesis.records.stored")).isEqualTo(2);
    assertThat(counter("kinesis.records.throttled")).isEqualTo(2);
    assertThat(counter("rate.cuts")).isEqualTo(2);
    assertThat(
            registry
                .get("millrace.producer.records.rejected")
                .tag("code", "ProvisionedThroughputExceededException")
                .counter()
                .count())
        .isEqualTo(100);
    assertThat(registry.get("millrace.producer.records.received").functionCounter().count())
        .isEqualTo(100);
    assertThat(registry.get("millrace.producer.records.outstanding").gauge().value()).isZero();
    assertThat(registry.get("millrace.producer.shards.open").gauge().value()).isEqualTo(2);
    assertThat(registry.get("millrace.producer.kinesis.record.members").summary().mean())
        .isEqualTo(50);
    assertThat(registry.get("millrace.producer.buffer.used").gauge().value()).isZero();
    assertThat(
            registry
                .get("millrace.producer.request.duration")
                .tag("code", "Success")
                .timer()
                .count())
        .isBetween(2L, 3L);
  }

  @Test
  void theyAreRemovedWhenTheProducerIsClosed() {
    producer.tryPut("clicks", UserRecord.of("key", new byte[10]));
    advance(Duration.ofSeconds(1));
    assertThat(registry.getMeters()).isNotEmpty();
    Thread closing = new Thread(() -> producer.close(Duration.ofSeconds(1)));
    closing.setDaemon(true);
    closing.start();
    while (closing.isAlive()) {
      advance(Duration.ofMillis(10));
    }
    assertThat(registry.getMeters()).isEmpty();
  }

  private double counter(String name) {
    return registry.get("millrace.producer." + name).tag("stream", "clicks").counter().count();
  }

  private void advance(Duration by) {
    for (long left = by.toMillis(); left >= 0; left--) {
      now += 1_000_000;
      kinesis.runDue(now);
      producer.loop().tick(now);
      while (!callbacks.isEmpty()) {
        callbacks.poll().run();
      }
    }
  }
}
