package io.millrace.integration.producer.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.millrace.integration.endpoint.TestStream;
import io.millrace.producer.KinesisClients;
import io.millrace.producer.PutAttempt;
import io.millrace.producer.PutFailedException;
import io.millrace.producer.PutFailure;
import io.millrace.producer.StreamProducer;
import io.millrace.producer.UnsentRecord;
import io.millrace.testkit.kinesis.call.AttributeCall.StartStreamEncryption;
import io.millrace.testkit.kinesis.call.Operation;
import io.millrace.testkit.kinesis.call.ShardCall.ListShards;
import io.millrace.testkit.kinesis.call.StreamCall.DeleteStream;
import io.millrace.testkit.kinesis.fault.Fault;
import io.millrace.testkit.kinesis.fault.FaultRule;
import io.millrace.testkit.kinesis.model.EncryptionType;
import io.millrace.testkit.kinesis.model.ErrorCode;
import io.millrace.testkit.kinesis.model.ShardInfo;
import io.millrace.testkit.kinesis.model.StreamRef;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.ScalingType;

/** Faults on real connections: nothing lost, and nothing silent. */
@SuppressWarnings("FutureReturnValueIgnored") // the futures are kept in a map
class ProducerFaultsOverHttpTest extends ProducerOverHttp {
  private static final int RECORDS = 2_000;

  /** The first record of each request: the others pass. */
  private static final Set<Integer> FIRST = Set.of(0);

  static Stream<Arguments> passingFaults() {
    return Stream.of(
        Arguments.of(
            "throttled entries",
            Fault.failEntriesAt(ErrorCode.PROVISIONED_THROUGHPUT_EXCEEDED, FIRST),
            false),
        Arguments.of("throttled stream", Fault.throttle(), false),
        Arguments.of(
            "failed entries", Fault.failEntriesAt(ErrorCode.INTERNAL_FAILURE, FIRST), true),
        Arguments.of("500s", Fault.internalFailure(), true),
        Arguments.of("500s after the effect", Fault.internalFailureAfterEffect(), true),
        Arguments.of("503s", Fault.refuse(ErrorCode.SERVICE_UNAVAILABLE), false),
        Arguments.of("resets", Fault.reset(), true),
        Arguments.of("resets after the effect", Fault.resetAfterEffect(), true),
        Arguments.of("expired credentials", Fault.expiredCredentials(), false));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("passingFaults")
  void whatPassesIsSurvivedAndDuplicatesAreMarked(String name, Fault fault, boolean unknown) {
    producer = producer(settings(), 4);
    FaultRule rule =
        server.core().faults().on(Operation.PUT_RECORDS).stream(stream).times(3).inject(fault);
    putMany(RECORDS);
    awaitAll();

    assertThat(rule.hits()).isEqualTo(3);
    assertEverythingStored();
    boolean anyMarked = puts.values().stream().anyMatch(put -> put.join().possibleDuplicate());
    assertThat(anyMarked).as("marked as possible duplicates").isEqualTo(unknown);
  }

  @Test
  void attemptsTellStatusCodeMessageAndRequestIdOfEachReply() {
    producer = producer(settings(), 1);
    server.core().faults().on(Operation.PUT_RECORDS).stream(stream)
        .times(1)
        .inject(Fault.internalFailure());
    List<PutAttempt> attempts =
        put("data").orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS).join().attempts();

    assertThat(attempts)
        .extracting(PutAttempt::httpStatus, PutAttempt::code)
        .containsExactly(tuple(500, "InternalFailure"), tuple(200, "Success"));
    assertThat(attempts.get(0).message()).isNotEmpty();
    assertThat(attempts)
        .extracting(PutAttempt::requestId)
        .doesNotContain("")
        .doesNotHaveDuplicates();
    assertThat(attempts).extracting(PutAttempt::duration).allMatch(d -> d.toNanos() > 0);
  }

  static Stream<Arguments> timeouts() {
    return Stream.of(
        Arguments.of("without effect", Fault.lostRequest()),
        Arguments.of("with effect", Fault.lostReply()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("timeouts")
  void timeoutsAreSurvivedAndMarked(String name, Fault fault) {
    producer = producer(impatientSettings(), 4);
    FaultRule rule =
        server.core().faults().on(Operation.PUT_RECORDS).stream(stream).times(3).inject(fault);
    putMany(RECORDS);
    awaitAll();

    assertThat(rule.hits()).isEqualTo(3);
    assertEverythingStored();
    assertThat(puts.values()).anyMatch(put -> put.join().possibleDuplicate());
  }

  @Test
  void endpointThatResetsEveryConnectionForAWhileIsWaitedFor() {
    producer = producer(settings(), 2);
    putMany(10);
    awaitAll();
    FaultRule gone = server.core().faults().onEveryCall().stream(stream).inject(Fault.reset());
    putMany(RECORDS);
    TestStream.await("the trouble is told", () -> !trouble().isEmpty());
    gone.cancel();
    awaitAll();
    assertEverythingStored();
  }

  @Test
  void credentialsThatCannotBeLoadedForAWhileAreWaitedFor() {
    server.createStream(stream, 2);
    AtomicBoolean expired = new AtomicBoolean();
    try (KinesisAsyncClient client =
        KinesisClients.tune(server.clientBuilder())
            .credentialsProvider(
                () -> {
                  if (expired.get()) {
                    throw new IllegalStateException("no credentials for the moment");
                  }
                  return AwsBasicCredentials.create("renewed", "renewed");
                })
            .build()) {
      producer = StreamProducer.builder(client).settings(settings().build()).build();
      putMany(10);
      awaitAll();
      expired.set(true);
      putMany(RECORDS);
      TestStream.await("the trouble is told", () -> !trouble().isEmpty());
      expired.set(false);
      awaitAll();
      assertEverythingStored();
      producer.close(Duration.ZERO);
    }
  }

  @Test
  void accessDeniedInTheMiddleFailsAtOnceAndPassesWhenAllowedAgain() {
    producer = producer(settings(), 2);
    putMany(100);
    awaitAll();
    FaultRule denied = onPuts(Fault.accessDenied());
    PutFailedException failure = failureOf(put("denied"));
    assertThat(failure.reason()).isEqualTo(PutFailure.ACCESS_DENIED);
    assertThat(failure.mayHaveBeenWritten()).isFalse();
    denied.cancel();
    puts.remove("denied");
    putMany(100);
    awaitAll();
    assertEverythingStored();
  }

  @Test
  void disabledKmsKeyFailsAtOnceAndPassesWhenEnabledAgain() {
    producer = producer(settings(), 2);
    server
        .core()
        .call(new StartStreamEncryption(StreamRef.ofName(stream), EncryptionType.KMS, "alias/key"));
    TestStream.await(
        "the stream is encrypted",
        () ->
            TestStream.get(kinesis.describeStreamSummary(r -> r.streamName(stream)))
                    .streamDescriptionSummary()
                    .encryptionType()
                == software.amazon.awssdk.services.kinesis.model.EncryptionType.KMS);
    server.core().failKms(ErrorCode.KMS_DISABLED);
    PutFailedException failure = failureOf(put("disabled"));
    assertThat(failure.reason()).isEqualTo(PutFailure.KEY_UNAVAILABLE);
    assertThat(failure.mayHaveBeenWritten()).isFalse();
    server.core().failKms(null);
    puts.remove("disabled");
    putMany(100);
    awaitAll();
    assertEverythingStored();
  }

  @Test
  void deletedStreamFailsAtOnceAndItsSuccessorIsServedByItsOwnShards() {
    producer = producer(settings(), 2);
    putMany(100);
    awaitAll();
    server.core().call(new DeleteStream(StreamRef.ofName(stream), false));
    assertThat(failureOf(put("deleted")).reason()).isEqualTo(PutFailure.STREAM_MISSING);
    server.createStream(stream, 8);
    puts.clear();
    putMany(RECORDS);
    awaitAll();
    assertEverythingStored();
  }

  @Test
  void reshardsFromFourTo64AndBackUnderLoadLoseNothing() throws Exception {
    producer = producer(settings(), 4);
    AtomicBoolean stop = new AtomicBoolean();
    Semaphore outstanding = new Semaphore(2_000);
    Thread load =
        new Thread(
            () -> {
              for (int i = 0; !stop.get(); i++) {
                outstanding.acquireUninterruptibly();
                put("load-" + i).whenComplete((result, failure) -> outstanding.release());
              }
            });
    load.start();
    for (int shards : new int[] {8, 16, 32, 64, 32}) {
      int before = puts.size();
      TestStream.get(
          kinesis.updateShardCount(
              r ->
                  r.streamName(stream)
                      .targetShardCount(shards)
                      .scalingType(ScalingType.UNIFORM_SCALING)));
      TestStream.await("so many shards", () -> openShards() == shards);
      TestStream.await("some more records", () -> puts.size() > before + 2_000);
    }
    stop.set(true);
    load.join();
    awaitAll();
    assertEverythingStored();
    TestStream.await(
        "the producer has seen it", () -> producer.status().streams().get(0).openShards() == 32);
  }

  @Test
  void interruptedPutFailsAndTheOthersGoOn() throws Exception {
    producer = producer(impatientSettings().bufferBytes(1 << 20), 1);
    FaultRule silence = onPuts(Fault.lostRequest());
    Putting victim = new Putting(this, 0);
    victim.start();
    assertThat(victim.interruptWaitingPut().reason()).isEqualTo(PutFailure.INTERRUPTED);
    victim.join();
    silence.cancel();
    awaitAll();
    assertEverythingStored();
  }

  static Stream<Arguments> faultsAtTheEnd() {
    return Stream.of(
        Arguments.of("nothing is answered", Fault.lostRequest()),
        Arguments.of("replies are lost", Fault.lostReply()),
        Arguments.of("resets", Fault.reset()),
        Arguments.of("throttles", Fault.throttle()),
        Arguments.of("500s after the effect", Fault.internalFailureAfterEffect()),
        Arguments.of("expired credentials", Fault.expiredCredentials()),
        Arguments.of("access denied", Fault.accessDenied()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("faultsAtTheEnd")
  void closeAmidAFaultAccountsForEveryRecord(String name, Fault fault) {
    producer = producer(settings(), 2);
    putMany(10);
    awaitAll();
    onPuts(fault);
    putMany(500);
    List<UnsentRecord> unsent = producer.close(Duration.ofMillis(300));
    // Close keeps its time: outcomes may be told a little later.
    TestStream.await(
        "all outcomes are told", () -> puts.values().stream().allMatch(CompletableFuture::isDone));

    Map<String, UnsentRecord> returned =
        unsent.stream()
            .collect(Collectors.toMap(ProducerFaultsOverHttpTest::dataOf, Function.identity()));
    Map<String, Integer> copies = StoredRecords.of(server.core(), stream).copies();
    puts.forEach(
        (data, put) -> {
          if (!put.isCompletedExceptionally()) {
            assertThat(copies).containsKey(data);
            assertThat(returned).doesNotContainKey(data);
            return;
          }
          PutFailedException failure = failureOf(put);
          assertThat(returned.containsKey(data))
              .as("returned: %s", failure.reason())
              .isEqualTo(failure.reason() == PutFailure.CLOSED);
          if (!failure.mayHaveBeenWritten()) {
            assertThat(copies).doesNotContainKey(data);
          }
        });
    TestStream.await("the producer holds nothing", () -> producer.status().bytes() == 0);
  }

  private static String dataOf(UnsentRecord record) {
    return StandardCharsets.UTF_8.decode(record.record().data()).toString();
  }

  private String trouble() {
    return producer.status().streams().get(0).trouble().map(t -> t.code()).orElse("");
  }

  private long openShards() {
    return server.core().call(ListShards.of(StreamRef.ofName(stream), null)).shards().stream()
        .filter(ShardInfo::isOpen)
        .count();
  }
}
