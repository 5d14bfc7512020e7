package io.millrace.integration.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.millrace.integration.endpoint.Endpoint;
import io.millrace.integration.endpoint.TestStream;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.KinesisException;
import software.amazon.awssdk.services.kinesis.model.PutRecordResponse;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

/** What the conformance tests share: a client, streams that end with the test, and short calls. */
@ExtendWith(Differences.class)
abstract class Conformance {
  static final BigInteger MAX_HASH_KEY = BigInteger.ONE.shiftLeft(128).subtract(BigInteger.ONE);

  private final Endpoint endpoint;
  private final List<AutoCloseable> open = new ArrayList<>();
  private KinesisAsyncClient kinesis;

  Conformance(Endpoint endpoint) {
    this.endpoint = endpoint;
  }

  @BeforeEach
  void openClient() {
    // A refusal is an answer here: nothing is repeated.
    kinesis =
        endpoint.newKinesisClient(
            b -> b.overrideConfiguration(c -> c.retryStrategy(r -> r.maxAttempts(1))));
    open.add(kinesis);
  }

  @AfterEach
  void closeAll() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
  }

  Endpoint endpoint() {
    return endpoint;
  }

  KinesisAsyncClient kinesis() {
    return kinesis;
  }

  <T extends AutoCloseable> T closing(T resource) {
    open.add(resource);
    return resource;
  }

  TestStream stream(int shards) {
    return closing(TestStream.create(kinesis, shards));
  }

  static <T> T get(CompletableFuture<T> reply) {
    return TestStream.get(reply);
  }

  PutRecordResponse put(TestStream stream, String key, String data) {
    return get(
        kinesis.putRecord(
            r ->
                r.streamName(stream.name()).partitionKey(key).data(SdkBytes.fromUtf8String(data))));
  }

  String iterator(TestStream stream, String shard, ShardIteratorType type) {
    return get(kinesis.getShardIterator(
            r -> r.streamName(stream.name()).shardId(shard).shardIteratorType(type)))
        .shardIterator();
  }

  GetRecordsResponse records(String iterator) {
    return get(kinesis.getRecords(r -> r.shardIterator(iterator)));
  }

  /** Reads until this many records are there; the service may take several calls. */
  List<Record> read(String iterator, int count) {
    List<Record> all = new ArrayList<>();
    String[] next = {iterator};
    TestStream.await(
        count + " records",
        () -> {
          GetRecordsResponse reply = records(next[0]);
          all.addAll(reply.records());
          next[0] = reply.nextShardIterator();
          return all.size() >= count || next[0] == null;
        });
    return all;
  }

  static List<String> texts(List<Record> records) {
    return records.stream().map(r -> r.data().asUtf8String()).toList();
  }

  /** The service's refusal: 400 and one of these codes. */
  static KinesisException refused(Supplier<CompletableFuture<?>> call, String... codes) {
    KinesisException refusal = catchThrowableOfType(KinesisException.class, () -> get(call.get()));
    assertThat(refusal).as("a refusal").isNotNull();
    assertThat(refusal.awsErrorDetails().errorCode()).isIn((Object[]) codes);
    assertThat(refusal.statusCode()).isEqualTo(400);
    return refusal;
  }
}
