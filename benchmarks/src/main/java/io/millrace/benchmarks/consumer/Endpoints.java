package io.millrace.benchmarks.consumer;

import io.millrace.benchmarks.consumer.reader.CannedRecords;
import io.millrace.benchmarks.consumer.reader.Clients;
import io.millrace.benchmarks.consumer.reader.ReaderMain;
import io.millrace.benchmarks.consumer.reader.Source;
import io.millrace.testkit.KinesisServerProcess;
import io.millrace.testkit.dynamodb.DynamoDbLocal;
import io.millrace.testkit.http.LocalhostCertificate;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Queue;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.ConcurrentLinkedQueue;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/**
 * What consumers are measured on: a Kinesis endpoint and DynamoDB Local, each in a JVM of its own,
 * and the consumers' processes. All end with it, and when a run takes too long.
 */
final class Endpoints implements AutoCloseable {
  private static final Duration GIVE_UP_AFTER = Duration.ofSeconds(285);
  private static final List<String> SERVER_JVM = List.of("-Xms512m", "-Xmx512m");

  private final KinesisServerProcess server;
  private final DynamoDbLocal dynamoDb;
  private final Queue<ReaderProcess> readers = new ConcurrentLinkedQueue<>();
  private final Timer watchdog = new Timer(true);

  /**
   * Starts them.
   *
   * @param flags of the Kinesis endpoint
   */
  Endpoints(String... flags) {
    server = KinesisServerProcess.start(SERVER_JVM, List.of(flags));
    // As the build has written it; benchmarks/run starts in the project's root.
    dynamoDb = DynamoDbLocal.start(Path.of("dynamodb-local/target/dynamodb-local.classpath"));
    // Ends every wait for an answer: the run fails.
    watchdog.schedule(
        new TimerTask() {
          @Override
          public void run() {
            readers.forEach(ReaderProcess::close);
          }
        },
        GIVE_UP_AFTER.toMillis());
  }

  KinesisServerProcess server() {
    return server;
  }

  /** A stream of the endpoint. */
  Source source(String stream, int shards) throws GeneralSecurityException {
    return new Source(
        server.tlsEndpoint(),
        Base64.getEncoder().encodeToString(server.certificate().getEncoded()),
        dynamoDb.endpoint(),
        stream,
        shards);
  }

  /** Fills a stream, each shard with so many aggregates. */
  void fill(Source source, int aggregates) {
    try (KinesisAsyncClient client = Clients.kinesis(source)) {
      int shards = CannedRecords.fill(client, source.stream(), aggregates);
      if (shards != source.shards()) {
        throw new IllegalStateException(
            source.stream() + " has " + shards + " shards, not " + source.shards());
      }
    }
  }

  /** Starts a consumer. */
  ReaderProcess start(String role, Source source) throws IOException, URISyntaxException {
    List<String> arguments = new ArrayList<>(List.of(role));
    arguments.addAll(source.toArguments());
    String classPath = role.startsWith("kcl") ? kclClassPath() : ownClassPath();
    ReaderProcess reader = new ReaderProcess(classPath, arguments);
    readers.add(reader);
    return reader;
  }

  private static String ownClassPath() {
    return System.getProperty("java.class.path");
  }

  private static String kclClassPath() throws IOException, URISyntaxException {
    Path file = Path.of("benchmarks", "kcl", "target", "kcl.classpath");
    return String.join(
        File.pathSeparator,
        locationOf(ReaderMain.class),
        locationOf(LocalhostCertificate.class),
        Files.readString(file).strip());
  }

  private static String locationOf(Class<?> type) throws URISyntaxException {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
  }

  @Override
  public void close() {
    watchdog.cancel();
    readers.forEach(ReaderProcess::close);
    dynamoDb.close();
    server.close();
  }
}
