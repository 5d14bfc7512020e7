package io.millrace.producer.internal.loop;

import static io.millrace.producer.internal.loop.Harness.failureOf;
import static io.millrace.producer.internal.loop.Harness.settings;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.aggregation.Headers;
import io.millrace.model.HashKey;
import io.millrace.producer.PutFailure;
import io.millrace.producer.PutResult;
import io.millrace.producer.UserRecord;
import io.millrace.producer.internal.loop.FakeKinesis.PutCall;
import io.millrace.producer.internal.send.ServiceFailure.Kind;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What a failure gives back: the record as it was put, in the memory it waited in. */
@SuppressWarnings("FutureReturnValueIgnored") // the harness keeps them
class ProducerFailedRecordsTest {
  private static final byte[] PAYLOAD = "payload".getBytes(StandardCharsets.UTF_8);

  @Test
  void membersOfAnAggregateShareTheBytesThatWereSent() {
    Harness h = new Harness(settings(), 1).warm();
    h.kinesis.onPut = call -> call.fail(Kind.ACCESS_DENIED, "AccessDeniedException");
    for (int i = 0; i < 100; i++) {
      h.put("key-" + i, "data-" + i);
    }
    h.advance(Duration.ofMillis(100));
    List<ByteBuffer> failed = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      UserRecord record = failureOf(h.futures.get(i)).record().orElseThrow();
      assertThat(record.partitionKey()).contains("key-" + i);
      assertThat(FakeKinesis.text(record.data())).isEqualTo("data-" + i);
      failed.add(record.data());
    }
    assertThat(h.kinesis.puts.get(0).entries).hasSize(1);
    assertSameMemory(h.kinesis.puts.get(0).entries.get(0).data(), failed);
  }

  @Test
  void aRecordThatWasSentAloneSharesTheBytesThatWereSent() {
    Harness h = new Harness(settings(), 1).warm();
    h.kinesis.onPut = call -> call.fail(Kind.ACCESS_DENIED, "AccessDeniedException");
    for (int bytes : new int[] {10, 60_000}) {
      var put = h.put("key", "x".repeat(bytes));
      h.advance(Duration.ofMillis(100));
      ByteBuffer data = failureOf(put).record().orElseThrow().data();
      assertThat(data.remaining()).isEqualTo(bytes);
      assertSameMemory(
          h.kinesis.puts.get(h.kinesis.puts.size() - 1).entries.get(0).data(), List.of(data));
    }
  }

  /** What is written into the one is read in the others. */
  private static void assertSameMemory(byte[] sent, List<ByteBuffer> records) {
    Arrays.fill(sent, (byte) '!');
    for (ByteBuffer record : records) {
      assertThat(record.isReadOnly()).isTrue();
      assertThat(FakeKinesis.text(record)).isEqualTo("!".repeat(record.remaining()));
    }
  }

  @Test
  void theRecordComesBackWithAllThatItWasPutWith() {
    Harness h = new Harness(settings(), 1).warm();
    h.kinesis.onPut = call -> call.fail(Kind.ACCESS_DENIED, "AccessDeniedException");
    UserRecord record =
        UserRecord.builder()
            .partitionKey("key")
            .explicitHashKey(HashKey.MAX)
            .data(PAYLOAD)
            .header("trace", "42")
            .build();
    for (int i = 0; i < 2; i++) {
      h.put(record);
    }
    h.advance(Duration.ofMillis(100));
    assertThat(h.futures)
        .allSatisfy(
            put -> {
              UserRecord failed = failureOf(put).record().orElseThrow();
              assertThat(failed.partitionKey()).contains("key");
              assertThat(failed.explicitHashKey()).contains(HashKey.MAX);
              assertThat(failed.data()).isEqualTo(ByteBuffer.wrap(PAYLOAD));
              assertThat(failed.headers().text("trace")).contains("42");
            });
  }

  @Test
  void aRecordThatDidNotGetInIsTheCallersNoMoreWhenPutHasReturned() {
    Harness h = new Harness(settings().maxBlock(Duration.ZERO).bufferBytes(1 << 20), 1).warm();
    h.kinesis.onPut = PutCall::neverAnswer;
    byte[] mine = new byte[1_000];
    CompletableFuture<PutResult> put;
    int number = 0;
    do {
      Arrays.fill(mine, (byte) ++number);
      put =
          number % 2 == 0
              ? h.producer.put(Harness.STREAM, "key", mine)
              : h.producer.put(Harness.STREAM, UserRecord.of("key", ByteBuffer.wrap(mine)));
    } while (!put.isDone());
    byte[] asPut = mine.clone();
    Arrays.fill(mine, (byte) 0);
    assertThat(failureOf(put).reason()).isEqualTo(PutFailure.NO_ROOM);
    UserRecord failed = failureOf(put).record().orElseThrow();
    assertThat(failed.data()).isEqualTo(ByteBuffer.wrap(asPut));
    assertThat(failed.headers()).isEqualTo(Headers.NONE);
  }
}
