package io.millrace.samples.fleet;

import io.millrace.testkit.KinesisServer;
import io.millrace.testkit.KinesisServerSettings;
import io.millrace.testkit.dynamodb.DynamoDbLocal;
import io.millrace.testkit.dynamodb.DynamoDbLocalUnavailableException;
import io.millrace.testkit.kinesis.settings.CoreSettings;
import io.millrace.testkit.kinesis.settings.ServiceLimits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;

/** The endpoints that the quickstart works with, and what it started for itself. */
public final class Surroundings implements AutoCloseable {
  private static final String NONE = "none";

  /** The service takes half a minute. */
  private static final Duration RESHARD_DURATION = Duration.ofMillis(500);

  /** The lease store keeps a second table under this name behind the application's. */
  private static final List<String> TABLE_SUFFIXES = List.of("", "-MillraceWorkers");

  private final Connection connection;
  private final Path logs;
  private final boolean ownKinesis;
  private final boolean ownDynamoDb;
  private final Deque<AutoCloseable> started;

  private Surroundings(
      Connection connection,
      Path logs,
      boolean ownKinesis,
      boolean ownDynamoDb,
      Deque<AutoCloseable> started) {
    this.connection = connection;
    this.logs = logs;
    this.ownKinesis = ownKinesis;
    this.ownDynamoDb = ownDynamoDb;
    this.started = started;
  }

  /**
   * Starts what is not named.
   *
   * @param kinesisEndpoint a URL or {@link Connection#AWS}; empty for one that is started here
   * @param dynamoDbEndpoint likewise
   */
  public static Surroundings of(
      Optional<String> kinesisEndpoint, Optional<String> dynamoDbEndpoint, String region) {
    Deque<AutoCloseable> started = new ArrayDeque<>();
    String kinesis = kinesisEndpoint.orElseGet(() -> startKinesis(started, region));
    boolean wholeAws = kinesis.equals(Connection.AWS);
    @Nullable String dynamoDb =
        dynamoDbEndpoint.orElseGet(() -> wholeAws ? Connection.AWS : startDynamoDbLocal(started));
    return new Surroundings(
        new Connection(kinesis, dynamoDb == null ? NONE : dynamoDb, region),
        logFolder(),
        kinesisEndpoint.isEmpty(),
        dynamoDbEndpoint.isEmpty() && !wholeAws,
        started);
  }

  private static String startKinesis(Deque<AutoCloseable> started, String region) {
    KinesisServer server =
        KinesisServer.start(
            KinesisServerSettings.builder()
                .core(
                    CoreSettings.builder()
                        .region(region)
                        .limits(ServiceLimits.SERVICE)
                        .reshardDuration(RESHARD_DURATION)
                        .build())
                .build());
    started.push(server);
    return server.endpoint().toString();
  }

  private static @Nullable String startDynamoDbLocal(Deque<AutoCloseable> started) {
    try {
      DynamoDbLocal dynamoDb = DynamoDbLocal.start();
      started.push(dynamoDb);
      return dynamoDb.endpoint().toString();
    } catch (DynamoDbLocalUnavailableException e) {
      System.out.println(
          "DynamoDB Local can't run here ("
              + e.getMessage()
              + "): going on with leases in memory, all workers in this process");
      return null;
    }
  }

  private static Path logFolder() {
    try {
      String named = System.getProperty("millrace.samples.logs");
      return named == null
          ? Files.createTempDirectory("millrace-quickstart")
          : Files.createDirectories(Path.of(named));
    } catch (IOException e) {
      throw new UncheckedIOException("no folder for the workers' logs", e);
    }
  }

  public Connection connection() {
    return connection;
  }

  /** Where the workers' logs go. */
  public Path logs() {
    return logs;
  }

  /** Whether Kinesis was started here, and is gone with this. */
  public boolean ownKinesis() {
    return ownKinesis;
  }

  /** Whether there is no DynamoDB to keep leases in. */
  public boolean inMemoryLeases() {
    return connection.dynamoDb().equals(NONE);
  }

  /** Deletes the tables of this run from a DynamoDB that stays. */
  public void cleanUp(String application) {
    if (ownDynamoDb || inMemoryLeases()) {
      return;
    }
    try (DynamoDbAsyncClient dynamoDb = connection.dynamoDbClient()) {
      for (String suffix : TABLE_SUFFIXES) {
        try {
          dynamoDb.deleteTable(r -> r.tableName(application + suffix)).join();
        } catch (CompletionException e) {
          if (!(e.getCause() instanceof ResourceNotFoundException)) {
            throw e;
          }
        }
      }
    }
  }

  @Override
  public void close() {
    while (!started.isEmpty()) {
      try {
        started.pop().close();
      } catch (Exception e) {
        System.err.println("could not be stopped: " + e.getMessage());
      }
    }
  }
}
