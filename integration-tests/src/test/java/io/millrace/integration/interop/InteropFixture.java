package io.millrace.integration.interop;

import io.millrace.integration.endpoint.Endpoint;
import io.millrace.integration.endpoint.TestNames;
import io.millrace.integration.endpoint.TestStream;
import io.millrace.interop.peer.NumberedRecord;
import io.millrace.producer.ProducerSettings;
import io.millrace.producer.ProducerSettings.Ordering;
import io.millrace.producer.PutResult;
import io.millrace.producer.StreamProducer;
import io.millrace.producer.UserRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/** One stream, one application, and whoever works on them; all of it ends with the test. */
abstract class InteropFixture {
  /** Short enough for a test, long enough for a busy machine. */
  static final Duration FAILOVER = Duration.ofSeconds(5);

  /** A KCL takes up to two minutes until it processes anything. */
  static final Duration LIMIT = Duration.ofMinutes(4);

  static final int SIZE_BYTES = 100;

  private final Endpoint endpoint;

  /** Before anything is closed, as then it can still be looked at. */
  @RegisterExtension
  final TestExecutionExceptionHandler onFailure =
      (context, failure) -> {
        System.err.println("interop: " + context.getDisplayName() + " failed: " + failure);
        System.err.println(scene());
        throw failure;
      };

  private final List<AutoCloseable> open = new ArrayList<>();
  private String application;
  private KinesisAsyncClient kinesis;
  private DynamoDbAsyncClient dynamoDb;

  InteropFixture(Endpoint endpoint) {
    this.endpoint = endpoint;
  }

  @BeforeEach
  void begin() {
    application = TestNames.next();
    kinesis = closing(endpoint.newKinesisClient());
    dynamoDb = closing(endpoint.newDynamoDbClient());
  }

  @AfterEach
  void closeAll() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
    open.clear();
  }

  Endpoint endpoint() {
    return endpoint;
  }

  String application() {
    return application;
  }

  KinesisAsyncClient kinesis() {
    return kinesis;
  }

  DynamoDbAsyncClient dynamoDb() {
    return dynamoDb;
  }

  <T extends AutoCloseable> T closing(T resource) {
    open.add(resource);
    return resource;
  }

  TestStream stream(int shards) {
    return closing(TestStream.create(kinesis, shards));
  }

  /** The lease table and every process, as they are now. */
  private String scene() {
    StringBuilder scene = new StringBuilder(leaseTable());
    for (AutoCloseable resource : open) {
      if (resource instanceof PeerProcess process) {
        scene.append("\n").append(process.account());
      }
    }
    return scene.toString();
  }

  private String leaseTable() {
    try {
      return "the lease table of "
          + application
          + TestStream.get(dynamoDb.scan(r -> r.tableName(application))).items().stream()
              .map(InteropFixture::lease)
              .sorted()
              .collect(Collectors.joining());
    } catch (RuntimeException e) {
      return "no lease table of " + application + ": " + e.getMessage();
    }
  }

  private static String lease(Map<String, AttributeValue> row) {
    StringBuilder lease = new StringBuilder("\n ");
    for (String name :
        List.of(
            "leaseKey",
            "entityType",
            "leaseOwner",
            "checkpointOwner",
            "leaseCounter",
            "checkpoint",
            "checkpointSubSequenceNumber")) {
      AttributeValue value = row.get(name);
      if (value != null) {
        lease
            .append(' ')
            .append(name)
            .append('=')
            .append(value.s() == null ? value.n() : value.s());
      }
    }
    return lease.toString();
  }

  // ---- workers

  /** A KCL 3 in the mode that it has by default. */
  PeerProcess kcl(Peer version, String name, TestStream stream, Account account, String... more) {
    return kcl(version, name, "3", stream, account, more);
  }

  PeerProcess kcl(
      Peer version, String name, String mode, TestStream stream, Account account, String... more) {
    List<String> arguments = workerArguments(name, stream, more);
    arguments.addAll(List.of("--mode", mode));
    return closing(
        PeerProcess.java(name, version.main(), version.classPath(), arguments, account.of(name)));
  }

  PeerProcess millrace(String name, TestStream stream, Account account, String... more) {
    return closing(
        PeerProcess.java(
            name,
            MillraceWorker.class,
            System.getProperty("java.class.path"),
            workerArguments(name, stream, more),
            account.of(name)));
  }

  private List<String> workerArguments(String name, TestStream stream, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--kinesis",
                endpoint.address().kinesis().orElseThrow().toString(),
                "--dynamodb",
                endpoint.address().dynamoDb().orElseThrow().toString(),
                "--region",
                endpoint.address().region().id(),
                "--stream",
                stream.name(),
                "--application",
                application,
                "--worker",
                name,
                "--failover-millis",
                Long.toString(FAILOVER.toMillis())));
    arguments.addAll(List.of(more));
    return arguments;
  }

  // ---- writers

  PeerProcess kpl(TestStream stream, Account account) {
    return closing(
        PeerProcess.java(
            "kpl",
            Peer.KPL.main(),
            Peer.KPL.classPath(),
            List.of(
                "--kinesis",
                endpoint.tlsKinesis().orElseThrow().toString(),
                "--region",
                endpoint.address().region().id(),
                "--stream",
                stream.name()),
            account.of("kpl")));
  }

  /** Has a KPL put records, and waits for their outcomes. */
  static void put(PeerProcess kpl, int from, int to, int sizeBytes) {
    long before = kpl.events().stream().filter("put"::equals).count();
    kpl.command("put " + from + " " + to + " " + sizeBytes);
    TestStream.await(
        "the KPL has put " + to,
        LIMIT,
        () -> kpl.events().stream().filter("put"::equals).count() > before);
  }

  StreamProducer producer() {
    return closing(
        StreamProducer.builder(kinesis)
            .settings(ProducerSettings.builder().ordering(Ordering.PER_KEY).build())
            .build());
  }

  /** Puts records, some with headers, and waits for their outcomes. */
  static void put(
      StreamProducer producer, TestStream stream, Account account, int from, int to, int sizeBytes)
      throws Exception {
    List<java.util.concurrent.CompletableFuture<?>> outcomes = new ArrayList<>();
    for (int i = from; i < to; i++) {
      int number = i;
      outcomes.add(
          producer
              .put(stream.name(), userRecord(NumberedRecord.of(number, sizeBytes)))
              .handle(
                  (result, failure) -> {
                    settled(account, number, result, failure);
                    return null;
                  }));
    }
    for (var outcome : outcomes) {
      outcome.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }
  }

  /** A put has its outcome. */
  static void settled(
      Account account, int number, @Nullable PutResult result, @Nullable Throwable failure) {
    if (result != null) {
      account.stored(
          number,
          result.shard().value()
              + " "
              + result.sequenceNumber()
              + "/"
              + result.subSequenceNumber().orElse(0)
              + " by millrace");
    } else {
      account.failed(number, String.valueOf(failure));
    }
  }

  static UserRecord userRecord(NumberedRecord record) {
    UserRecord.Builder builder =
        UserRecord.builder().partitionKey(record.partitionKey()).data(record.payload());
    record.explicitHashKey().ifPresent(hashKey -> builder.explicitHashKey(hashKey.toString()));
    if (record.number() % 3 == 0) {
      builder.header("schema", "7").header("trace", new byte[] {1, (byte) record.number()});
    }
    return builder.build();
  }
}
