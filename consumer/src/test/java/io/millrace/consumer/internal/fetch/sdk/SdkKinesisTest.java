package io.millrace.consumer.internal.fetch.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.internal.fetch.FetchedRecords;
import io.millrace.consumer.internal.fetch.KinesisFault;
import io.millrace.consumer.internal.fetch.ReadFrom;
import io.millrace.consumer.internal.fetch.Reply;
import io.millrace.consumer.internal.fetch.StreamPort.ShardPage;
import io.millrace.model.SequenceNumber;
import io.millrace.model.ShardId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SdkKinesisTest {
  private static final String ARN = "arn:aws:kinesis:eu-central-1:1:stream/s";
  private static final ShardId SHARD = new ShardId("shardId-000000000000");

  private final ScriptedHttp http = new ScriptedHttp();
  private final SdkKinesis kinesis =
      new SdkKinesis(
          http.client(), Duration.ofSeconds(5), InstantSource.fixed(Instant.ofEpochSecond(1)));

  /** The script answers in JSON, which is easier to read than CBOR. */
  @BeforeAll
  static void useJson() {
    System.setProperty("aws.cborEnabled", "false");
  }

  @AfterAll
  static void useDefault() {
    System.clearProperty("aws.cborEnabled");
  }

  private KinesisFault faultOf(int status, String type) {
    http.answer(status, "{\"__type\":\"" + type + "\",\"message\":\"told so\"}");
    Reply<FetchedRecords> reply = kinesis.read(ARN, "it", 10).toCompletableFuture().join();
    assertThat(reply).isInstanceOf(Reply.Failed.class);
    return ((Reply.Failed<FetchedRecords>) reply).fault();
  }

  @Test
  void noRequestIsRepeatedByTheSdkWhateverTheClientIsSetTo() {
    KinesisFault fault = faultOf(500, "InternalFailure");
    assertThat(fault.kind()).isEqualTo(KinesisFault.Kind.TRANSIENT);
    assertThat(faultOf(400, "ProvisionedThroughputExceededException").kind())
        .isEqualTo(KinesisFault.Kind.THROTTLED);
    assertThat(http.requests).hasSize(2);
  }

  @Test
  void requestWithoutAnAnswerEndsWithinItsTimeLimit() {
    SdkKinesis hasty = new SdkKinesis(http.client(), Duration.ofMillis(50), InstantSource.system());
    Reply<FetchedRecords> reply = hasty.read(ARN, "it", 10).toCompletableFuture().join();
    assertThat(((Reply.Failed<FetchedRecords>) reply).fault().kind())
        .isEqualTo(KinesisFault.Kind.TRANSIENT);
    assertThat(http.requests).hasSize(1);
  }

  @Test
  void everyRequestNamesTheLibrary() {
    KinesisFault unused = faultOf(500, "InternalFailure");
    assertThat(http.header(0, "User-Agent")).get().asString().contains("millrace/");
  }

  @Test
  void errorsBecomeFaultsByWhatTheCallerDoes() {
    assertThat(faultOf(400, "ExpiredIteratorException").kind())
        .isEqualTo(KinesisFault.Kind.EXPIRED_ITERATOR);
    assertThat(faultOf(400, "ResourceNotFoundException").kind())
        .isEqualTo(KinesisFault.Kind.NOT_FOUND);
    assertThat(faultOf(400, "ResourceInUseException").kind()).isEqualTo(KinesisFault.Kind.IN_USE);
    assertThat(faultOf(400, "LimitExceededException").kind())
        .isEqualTo(KinesisFault.Kind.LIMIT_EXCEEDED);
    assertThat(faultOf(400, "AccessDeniedException").kind()).isEqualTo(KinesisFault.Kind.DENIED);
    assertThat(faultOf(400, "KMSThrottlingException").kind())
        .isEqualTo(KinesisFault.Kind.THROTTLED);
    assertThat(faultOf(400, "KMSDisabledException").kind())
        .isEqualTo(KinesisFault.Kind.KEY_UNAVAILABLE);
    assertThat(faultOf(400, "InvalidArgumentException").kind())
        .isEqualTo(KinesisFault.Kind.INVALID);
    assertThat(faultOf(400, "ThrottlingException").kind()).isEqualTo(KinesisFault.Kind.THROTTLED);
    assertThat(faultOf(503, "ServiceUnavailable").kind()).isEqualTo(KinesisFault.Kind.TRANSIENT);
  }

  @Test
  void messagesAboutSignaturesAreNotRepeated() {
    KinesisFault fault = faultOf(403, "InvalidSignatureException");
    assertThat(fault.kind()).isEqualTo(KinesisFault.Kind.DENIED);
    assertThat(fault.message()).doesNotContain("told so").contains("credentials");
  }

  @Test
  void recordsKeepSequenceNumberKeyArrivalAndData() {
    http.answer(
        200,
        "{\"MillisBehindLatest\":1500,\"NextShardIterator\":\"next\",\"Records\":[{"
            + "\"SequenceNumber\":\"17\",\"PartitionKey\":\"k\",\"Data\":\"aGk=\","
            + "\"ApproximateArrivalTimestamp\":1767225600.5}]}");
    FetchedRecords answer =
        ((Reply.Ok<FetchedRecords>) kinesis.read(ARN, "it", 10).toCompletableFuture().join())
            .value();
    assertThat(answer.behindLatest()).isEqualTo(Duration.ofMillis(1500));
    assertThat(answer.next()).contains("next");
    assertThat(answer.endOfShard()).isFalse();
    assertThat(answer.records())
        .singleElement()
        .satisfies(
            record -> {
              assertThat(record.sequenceNumber()).isEqualTo(SequenceNumber.of("17"));
              assertThat(record.partitionKey()).isEqualTo("k");
              assertThat(record.arrival()).isEqualTo(Instant.ofEpochMilli(1767225600500L));
              assertThat(record.data().remaining()).isEqualTo(2);
            });
  }

  @Test
  void endOfShardNamesItsChildren() {
    http.answer(
        200,
        "{\"MillisBehindLatest\":0,\"Records\":[],\"ChildShards\":[{\"ShardId\":\"c\","
            + "\"ParentShards\":[\"p\",\"q\"],\"HashKeyRange\":{\"StartingHashKey\":\"0\","
            + "\"EndingHashKey\":\"9\"}}]}");
    FetchedRecords answer =
        ((Reply.Ok<FetchedRecords>) kinesis.read(ARN, "it", 10).toCompletableFuture().join())
            .value();
    assertThat(answer.endOfShard()).isTrue();
    assertThat(answer.children())
        .singleElement()
        .satisfies(child -> assertThat(child.parents()).hasSize(2));
  }

  @Test
  void pagesOfShardsCarryTheTimeOfTheService() {
    http.answer(
        200,
        "{\"NextToken\":\"t\",\"Shards\":[{\"ShardId\":\"s\",\"ParentShardId\":\"p\","
            + "\"HashKeyRange\":{\"StartingHashKey\":\"0\",\"EndingHashKey\":\"9\"},"
            + "\"SequenceNumberRange\":{\"StartingSequenceNumber\":\"1\","
            + "\"EndingSequenceNumber\":\"2\"}}]}");
    ShardPage page =
        ((Reply.Ok<ShardPage>)
                kinesis.listShards(ARN, Optional.empty()).toCompletableFuture().join())
            .value();
    assertThat(page.serviceTime()).isEqualTo(Instant.parse("2026-01-01T00:00:07Z"));
    assertThat(page.nextToken()).contains("t");
    assertThat(page.shards())
        .singleElement()
        .satisfies(
            shard -> {
              assertThat(shard.closed()).isTrue();
              assertThat(shard.parents()).containsExactly(new ShardId("p"));
            });
  }

  @Test
  void nonsenseFromAnEndpointIsAFaultAndNoException() {
    http.answer(200, "{\"Records\":[{\"SequenceNumber\":\"abc\",\"Data\":\"aGk=\"}]}");
    Reply<FetchedRecords> reply = kinesis.read(ARN, "it", 10).toCompletableFuture().join();
    assertThat(((Reply.Failed<FetchedRecords>) reply).fault().code()).isEqualTo("MalformedAnswer");
  }

  @Test
  void refusedPermissionIsToldWithTheActionAndTheRegion() {
    http.answer(400, "{\"__type\":\"AccessDeniedException\",\"message\":\"no\"}");
    Reply<FetchedRecords> reply = kinesis.read(ARN, "it", 10).toCompletableFuture().join();
    KinesisFault fault = ((Reply.Failed<FetchedRecords>) reply).fault();
    assertThat(fault.kind()).isEqualTo(KinesisFault.Kind.DENIED);
    assertThat(fault.message()).isEqualTo("kinesis:GetRecords in eu-central-1: no");
  }

  @Test
  void missingCredentialsAreToldAsSuch() {
    assertThat(
            SdkFaults.of(
                    software.amazon.awssdk.core.exception.SdkClientException.create(
                        "Unable to load credentials from any of the providers in the chain"))
                .kind())
        .isEqualTo(KinesisFault.Kind.DENIED);
  }

  @Test
  void positionsOfIteratorsReachTheService() {
    http.answer(200, "{\"ShardIterator\":\"i\"}");
    Reply<String> reply =
        kinesis
            .shardIterator(ARN, SHARD, new ReadFrom.At(SequenceNumber.of("17")))
            .toCompletableFuture()
            .join();
    assertThat(reply).isEqualTo(new Reply.Ok<>("i"));
  }
}
