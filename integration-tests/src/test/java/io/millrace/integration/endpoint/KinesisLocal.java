package io.millrace.integration.endpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The npm package kinesis-local in a Node process of its own, with DynamoDB Local beside it. The
 * package is installed under target/ from the committed lock file, and its process ends when its
 * standard input closes, so it can't outlive this one.
 */
final class KinesisLocal implements Endpoint {
  private static final Duration START_LIMIT = Duration.ofMinutes(2);

  /** A free port can be taken by somebody else before it is bound. */
  private static final int BIND_ATTEMPTS = 5;

  private final Process process;
  private final Address address;
  private final URI tlsKinesis;

  private KinesisLocal(Process process, Address address, URI tlsKinesis) {
    this.process = process;
    this.address = address;
    this.tlsKinesis = tlsKinesis;
  }

  static Optional<String> missing() {
    return NodePackage.missing();
  }

  static KinesisLocal start() {
    Path folder = NodePackage.install("kinesis-local", "start.js");
    try {
      for (int attempt = 1; ; attempt++) {
        Path log = Files.createTempFile(folder, "kinesis-local-", ".log");
        int plainPort = freePort();
        int tlsPort = freePort();
        Process process = start(folder, log, plainPort, tlsPort);
        if (awaitListening(process, List.of(plainPort, tlsPort), log)) {
          return new KinesisLocal(
              process,
              Address.local(URI.create("http://127.0.0.1:" + plainPort), LocalDynamoDb.shared()),
              URI.create("https://127.0.0.1:" + tlsPort));
        }
        process.destroyForcibly();
        String output = Files.readString(log);
        if (attempt == BIND_ATTEMPTS || !output.contains("EADDRINUSE")) {
          throw new IllegalStateException("kinesis-local does not listen:\n" + output);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("kinesis-local did not start", e);
    }
  }

  private static Process start(Path folder, Path log, int plainPort, int tlsPort)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(NodePackage.program("node"), "start.js")
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder
        .environment()
        .putAll(
            Map.ofEntries(
                Map.entry("KINESIS_MOCK_PLAIN_PORT", Integer.toString(plainPort)),
                Map.entry("KINESIS_MOCK_TLS_PORT", Integer.toString(tlsPort)),
                Map.entry("AWS_REGION", Address.LOCAL_REGION.id()),
                Map.entry("LOG_LEVEL", "ERROR"),
                Map.entry("SHARD_LIMIT", "500"),
                Map.entry("CREATE_STREAM_DURATION", "50ms"),
                Map.entry("DELETE_STREAM_DURATION", "50ms"),
                Map.entry("SPLIT_SHARD_DURATION", "100ms"),
                Map.entry("MERGE_SHARDS_DURATION", "100ms"),
                Map.entry("UPDATE_SHARD_COUNT_DURATION", "100ms"),
                Map.entry("REGISTER_STREAM_CONSUMER_DURATION", "50ms")));
    return builder.start();
  }

  @Override
  public String name() {
    return "kinesis-local";
  }

  @Override
  public Address address() {
    return address;
  }

  @Override
  public Optional<URI> tlsKinesis() {
    return Optional.of(tlsKinesis);
  }

  @Override
  public int comfortableRecordCount() {
    return 2_000;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  /** Whether it says by itself that it listens there: a connection could be to somebody else. */
  private static boolean awaitListening(Process process, List<Integer> ports, Path log)
      throws IOException {
    List<String> wanted = ports.stream().map(port -> "listening on " + port).toList();
    long deadlineNanos = System.nanoTime() + START_LIMIT.toNanos();
    while (process.isAlive() && System.nanoTime() - deadlineNanos < 0) {
      if (Files.readAllLines(log).containsAll(wanted)) {
        return true;
      }
      pause();
    }
    return false;
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(20);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while kinesis-local started", e);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
