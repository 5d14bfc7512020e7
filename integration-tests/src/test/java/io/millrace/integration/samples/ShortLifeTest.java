package io.millrace.integration.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.aggregation.AggregateDecoder;
import io.millrace.aggregation.AggregatedRecord;
import io.millrace.samples.shortlife.ShortLife;
import io.millrace.testkit.KinesisServer;
import io.millrace.testkit.kinesis.call.Operation;
import io.millrace.testkit.kinesis.fault.Fault;
import io.millrace.testkit.kinesis.fault.FaultRule;
import io.millrace.testkit.kinesis.model.KinesisRecord;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The JVM ends by itself: were one thread of the producer's no daemon, the wait would time out. */
class ShortLifeTest {
  /** Nothing is measured: only a process that never ends, or loses a record, fails. */
  private static final String SECONDS_PER_EVENT = "120";

  private static final Duration LIMIT = Duration.ofMinutes(4);

  private final KinesisServer server = KinesisServer.start();

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void everyEventsRecordsAreStoredWhenItReturnsAndNothingHoldsTheJvm() throws Exception {
    server.createStream("clicks", 2);
    FaultRule reset =
        server.core().faults().on(Operation.PUT_RECORDS).times(1).inject(Fault.reset());

    try (SampleProcess process =
        SampleProcess.start(
            ShortLife.class,
            SampleProcess.environmentFor(server.endpoint()),
            "clicks",
            SECONDS_PER_EVENT)) {
      assertThat(process.exitStatus(LIMIT)).as(process.output()).isZero();
      assertThat(process.output())
          .contains("event 1: 0 records", "event 2: 0 records", "event 3: 0 records");
    }
    assertThat(reset.hits()).as("requests that were reset").isEqualTo(1);
    assertThat(storedUserRecords()).as("user records in the stream").isGreaterThanOrEqualTo(300);
  }

  private long storedUserRecords() {
    return server.core().records("clicks").values().stream()
        .flatMap(records -> records.stream())
        .mapToLong(ShortLifeTest::members)
        .sum();
  }

  private static long members(KinesisRecord record) {
    return AggregateDecoder.decode(record.data()) instanceof AggregatedRecord aggregate
        ? aggregate.memberCount()
        : 1;
  }
}
