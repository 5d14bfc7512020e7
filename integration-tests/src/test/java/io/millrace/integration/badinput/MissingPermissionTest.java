package io.millrace.integration.badinput;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.Fetching;
import io.millrace.consumer.StallReason;
import io.millrace.consumer.StreamConsumer;
import io.millrace.consumer.lease.InMemoryLeaseStore;
import io.millrace.integration.endpoint.TestStream;
import io.millrace.producer.PutFailedException;
import io.millrace.producer.PutFailure;
import io.millrace.testkit.kinesis.call.Operation;
import io.millrace.testkit.kinesis.fault.Fault;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Permissions of Kinesis, taken away one by one. */
class MissingPermissionTest extends BadInput {
  @Test
  void putWithoutPutRecordsFailsAndNamesIt() throws Exception {
    deny(Operation.PUT_RECORDS);

    PutFailedException failure = putError(producer(client()), "clicks");

    assertThat(failure.reason()).isEqualTo(PutFailure.ACCESS_DENIED);
    assertThat(failure).hasMessageContaining("kinesis:PutRecords");
  }

  @Test
  void putWithoutListShardsFailsAndNamesIt() throws Exception {
    deny(Operation.LIST_SHARDS);

    PutFailedException failure = putError(producer(client()), "clicks");

    assertThat(failure.reason()).isEqualTo(PutFailure.ACCESS_DENIED);
    assertThat(failure).hasMessageContaining("kinesis:ListShards");
  }

  @Test
  void startWithoutDescribeStreamSummaryFailsAndNamesIt() throws Exception {
    deny(Operation.DESCRIBE_STREAM_SUMMARY);

    assertThat(startError(consumer(client(), "clicks")))
        .hasMessageContaining("kinesis:DescribeStreamSummary");
  }

  @Test
  void workerThatMayNotListShardsSaysSoInItsHealth() throws Exception {
    deny(Operation.LIST_SHARDS);
    StreamConsumer consumer = consumer(client(), "clicks");
    consumer.start().get(SOON.toSeconds(), TimeUnit.SECONDS);

    TestStream.await(
        "the trouble is told",
        SOON,
        () -> consumer.health().problems().toString().contains("kinesis:ListShards"));
  }

  @ParameterizedTest
  @EnumSource(
      value = Operation.class,
      names = {"GET_SHARD_ITERATOR", "GET_RECORDS"})
  void shardThatMayNotBeReadSaysWhichPermissionIsMissing(Operation operation) throws Exception {
    deny(operation);
    StreamConsumer consumer = consumer(client(), "clicks");
    consumer.start().get(SOON.toSeconds(), TimeUnit.SECONDS);

    TestStream.await(
        "a shard that tells its trouble",
        SOON,
        () -> stalls(consumer).contains("kinesis:" + camelCase(operation)));
  }

  @ParameterizedTest
  @EnumSource(
      value = Operation.class,
      names = {"REGISTER_STREAM_CONSUMER", "DESCRIBE_STREAM_CONSUMER", "SUBSCRIBE_TO_SHARD"})
  void fanOutWithoutAPermissionSaysWhichIsMissingWhereItMayNotFallBack(Operation operation)
      throws Exception {
    deny(operation);
    StreamConsumer consumer =
        consumer(
            client(),
            "clicks",
            new InMemoryLeaseStore(),
            Fetching.fanOut("reader").withoutFallback());
    consumer.start().get(SOON.toSeconds(), TimeUnit.SECONDS);

    TestStream.await(
        "a shard that tells its trouble",
        SOON,
        () -> stalls(consumer).contains("kinesis:" + camelCase(operation)));
  }

  private static String stalls(StreamConsumer consumer) {
    return consumer.shards().stream()
        .flatMap(shard -> shard.stall().stream())
        .map(StallReason::describe)
        .collect(Collectors.joining("\n"));
  }

  private void deny(Operation operation) {
    server.core().faults().on(operation).inject(Fault.accessDenied());
  }

  private static String camelCase(Operation operation) {
    StringBuilder name = new StringBuilder();
    for (String word : operation.name().split("_", -1)) {
      name.append(word.charAt(0)).append(word.substring(1).toLowerCase(java.util.Locale.ROOT));
    }
    return name.toString();
  }
}
