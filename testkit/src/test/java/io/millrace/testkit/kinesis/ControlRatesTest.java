package io.millrace.testkit.kinesis;

import static io.millrace.testkit.kinesis.Endpoint.SHARD_0;
import static io.millrace.testkit.kinesis.Endpoint.SHARD_1;
import static io.millrace.testkit.kinesis.Endpoint.STREAM;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.testkit.kinesis.call.KinesisRequest;
import io.millrace.testkit.kinesis.call.RecordCall.GetShardIterator;
import io.millrace.testkit.kinesis.call.ShardCall;
import io.millrace.testkit.kinesis.call.StreamCall;
import io.millrace.testkit.kinesis.model.ErrorCode;
import io.millrace.testkit.kinesis.model.StartingPosition;
import io.millrace.testkit.kinesis.model.StreamRef;
import io.millrace.testkit.kinesis.settings.ServiceLimits;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ControlRatesTest {
  private final Endpoint endpoint =
      Endpoint.withShards(2, ServiceLimits.NONE.withControlRates(true));

  private void allows(int calls, KinesisRequest<?> request, ErrorCode beyond) {
    for (int i = 0; i < calls; i++) {
      endpoint.call(request);
    }
    endpoint.refuses(beyond, request);
  }

  @Test
  void describeStreamSummaryIsTwentyPerSecondInTheAccount() {
    allows(20, new StreamCall.DescribeStreamSummary(STREAM), ErrorCode.LIMIT_EXCEEDED);
    endpoint.refuses(
        ErrorCode.LIMIT_EXCEEDED,
        new StreamCall.DescribeStreamSummary(StreamRef.ofName("another")));

    endpoint.advance(Duration.ofMillis(50));

    endpoint.summary();
  }

  @Test
  void listShardsIsThousandPerSecondAndStream() {
    endpoint.call(StreamCall.CreateStream.provisioned("other", 1));

    allows(1_000, ShardCall.ListShards.of(STREAM, null), ErrorCode.LIMIT_EXCEEDED);

    endpoint.call(ShardCall.ListShards.of(StreamRef.ofName("other"), null));
  }

  @Test
  void getShardIteratorIsFivePerSecondAndShard() {
    allows(
        5,
        new GetShardIterator(STREAM, SHARD_0, StartingPosition.latest()),
        ErrorCode.PROVISIONED_THROUGHPUT_EXCEEDED);

    endpoint.iterator(SHARD_1, StartingPosition.latest());
  }

  @Test
  void updateShardCountIsTenPerDay() {
    for (int i = 0; i < 10; i++) {
      endpoint.advance(Duration.ofMinutes(1));
      endpoint.call(new ShardCall.UpdateShardCount(STREAM, 2 + i % 2, "UNIFORM_SCALING"));
    }
    endpoint.advance(Duration.ofHours(23));
    endpoint.refuses(
        ErrorCode.LIMIT_EXCEEDED, new ShardCall.UpdateShardCount(STREAM, 2, "UNIFORM_SCALING"));

    endpoint.advance(Duration.ofHours(1));

    endpoint.call(new ShardCall.UpdateShardCount(STREAM, 2, "UNIFORM_SCALING"));
  }

  @Test
  void nothingIsLimitedByDefault() {
    Endpoint unlimited = Endpoint.withShards(1);

    for (int i = 0; i < 100; i++) {
      unlimited.summary();
    }

    assertThat(unlimited.summary().openShardCount()).isEqualTo(1);
  }
}
