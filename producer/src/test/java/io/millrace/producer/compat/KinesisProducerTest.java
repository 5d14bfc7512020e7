package io.millrace.producer.compat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.model.SequenceNumber;
import io.millrace.model.ShardId;
import io.millrace.producer.ProducerStatus;
import io.millrace.producer.PutAttempt;
import io.millrace.producer.PutCallback;
import io.millrace.producer.PutFailedException;
import io.millrace.producer.PutFailure;
import io.millrace.producer.PutResult;
import io.millrace.producer.StreamProducer;
import io.millrace.producer.UnsentRecord;
import io.millrace.producer.UserRecord;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class KinesisProducerTest {
  private final FakeProducer fake = new FakeProducer();
  private final KinesisProducer producer = new KinesisProducer(fake);

  @Test
  void recordArrivesWithItsKeysAndBytes() {
    ByteBuffer data = ByteBuffer.wrap("xdatax".getBytes(StandardCharsets.UTF_8), 1, 4);
    CompletableFuture<UserRecordResult> outcome =
        producer.addUserRecord(" clicks ", "key", " 042 ", data);

    assertThat(fake.streams).containsExactly("clicks");
    UserRecord record = fake.records.get(0);
    assertThat(record.partitionKey()).contains("key");
    assertThat(record.explicitHashKey().orElseThrow()).hasToString("42");
    assertThat(StandardCharsets.UTF_8.decode(record.data()).toString()).isEqualTo("data");
    assertThat(data.position()).as("it does not move").isEqualTo(1);
    assertThat(outcome).isNotDone();
  }

  @Test
  void explicitHashKeyMayBeNull() {
    var unused = producer.addUserRecord("clicks", "key", null, ByteBuffer.allocate(1));
    assertThat(fake.records.get(0).explicitHashKey()).isEmpty();
  }

  @Test
  void keyMayBeLeftOut() {
    var unused = producer.addUserRecord("clicks", ByteBuffer.allocate(1));
    assertThat(fake.records.get(0).partitionKey()).isEmpty();
  }

  @Test
  void resultHasShardSequenceNumberAndAttempts() {
    CompletableFuture<UserRecordResult> outcome =
        producer.addUserRecord("clicks", "key", ByteBuffer.allocate(1));
    fake.callbacks
        .get(0)
        .settled(
            new PutResult(
                new ShardId("shardId-000000000003"),
                SequenceNumber.of("77"),
                OptionalInt.of(2),
                false,
                List.of(
                    attempt("ProvisionedThroughputExceededException"),
                    attempt("WrongShard"),
                    attempt("Success"))),
            null);

    UserRecordResult result = outcome.join();
    assertThat(result.isSuccessful()).isTrue();
    assertThat(result.getShardId()).isEqualTo("shardId-000000000003");
    assertThat(result.getSequenceNumber()).isEqualTo("77");
    assertThat(result.getAttempts())
        .extracting(Attempt::getErrorCode)
        .containsExactly("ProvisionedThroughputExceededException", "Wrong Shard", null);
    assertThat(result.getAttempts().get(0).getDelay()).isEqualTo(3);
    assertThat(result.getAttempts().get(0).getDuration()).isEqualTo(5);
    assertThat(result.getAttempts().get(0).getErrorMessage()).isEqualTo("said the service");
    assertThat(result.getAttempts().get(2).isSuccessful()).isTrue();
  }

  @Test
  void expiredRecordFailsWithTheKplsLastAttempt() {
    CompletableFuture<UserRecordResult> outcome =
        producer.addUserRecord("clicks", "key", ByteBuffer.allocate(1));
    PutFailedException failure =
        new PutFailedException(
            PutFailure.EXPIRED, "too late", false, null, List.of(attempt("Timeout")), null);
    fake.callbacks.get(0).settled(null, failure);

    assertThatThrownBy(outcome::join)
        .cause()
        .isInstanceOf(UserRecordFailedException.class)
        .hasMessage("too late")
        .hasCause(failure)
        .satisfies(
            thrown -> {
              UserRecordResult result = ((UserRecordFailedException) thrown).getResult();
              assertThat(result.isSuccessful()).isFalse();
              assertThat(result.getShardId()).isNull();
              assertThat(result.getAttempts())
                  .extracting(Attempt::getErrorCode)
                  .containsExactly("Timeout", "Expired");
            });
  }

  @Test
  void misuseThrowsAtOnce() {
    assertThatThrownBy(
            () -> producer.addUserRecord("clicks", "key", "minus one", ByteBuffer.allocate(1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(fake.records).isEmpty();
  }

  @Test
  void countAgeFlushAndDestroyAreTheProducers() {
    assertThat(producer.getOutstandingRecordsCount()).isEqualTo(7);
    assertThat(producer.getOldestRecordTimeInMillis()).isEqualTo(1500);
    producer.flush("clicks");
    producer.flushSync();
    assertThat(fake.flushes).isEqualTo(2);
    producer.destroy();
    assertThat(fake.drained).isEqualTo(Duration.ZERO);
  }

  private static PutAttempt attempt(String code) {
    return new PutAttempt(
        Duration.ofMillis(3), Duration.ofMillis(5), 200, code, "said the service", "id");
  }

  /** Keeps what it is given. */
  private static final class FakeProducer implements StreamProducer {
    private final List<String> streams = new ArrayList<>();
    private final List<UserRecord> records = new ArrayList<>();
    private final List<PutCallback> callbacks = new ArrayList<>();
    private int flushes;
    private Duration drained;

    @Override
    public void put(String stream, UserRecord record, PutCallback callback) {
      streams.add(stream);
      records.add(record);
      callbacks.add(callback);
    }

    @Override
    public CompletableFuture<PutResult> put(String stream, String partitionKey, byte[] data) {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<PutResult> put(String stream, UserRecord record) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<CompletableFuture<PutResult>> tryPut(String stream, UserRecord record) {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Void> whenRoomFor(String stream, long bytes) {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Void> flush() {
      flushes++;
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public ProducerStatus status() {
      return new ProducerStatus(7, 700, Duration.ofMillis(1500), List.of());
    }

    @Override
    public List<UnsentRecord> close(Duration drain) {
      drained = drain;
      return List.of();
    }

    @Override
    public void close() {
      throw new UnsupportedOperationException();
    }
  }
}
