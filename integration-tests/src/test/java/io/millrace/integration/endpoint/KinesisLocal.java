package io.millrace.integration.endpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The npm package kinesis-local in a Node process of its own, with DynamoDB Local beside it. The
 * package is installed under target/ from the committed lock file, and its process ends when its
 * standard input closes, so it can't outlive this one.
 */
final class KinesisLocal implements Endpoint {
  private static final Duration START_LIMIT = Duration.ofSeconds(60);

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
    Process process = null;
    try {
      int plainPort = freePort();
      int tlsPort = freePort();
      ProcessBuilder builder =
          new ProcessBuilder(NodePackage.program("node"), "start.js")
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("kinesis-local.log").toFile());
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
      process = builder.start();
      awaitListening(process, plainPort, folder.resolve("kinesis-local.log"));
      return new KinesisLocal(
          process,
          Address.local(URI.create("http://127.0.0.1:" + plainPort), LocalDynamoDb.shared()),
          URI.create("https://127.0.0.1:" + tlsPort));
    } catch (IOException e) {
      throw new UncheckedIOException("kinesis-local did not start", e);
    } catch (RuntimeException e) {
      if (process != null) {
        process.destroyForcibly();
      }
      throw e;
    }
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

  private static void awaitListening(Process process, int port, Path log) throws IOException {
    long deadlineNanos = System.nanoTime() + START_LIMIT.toNanos();
    while (process.isAlive() && System.nanoTime() - deadlineNanos < 0) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
        return;
      } catch (IOException notYet) {
        pause();
      }
    }
    throw new IllegalStateException(
        "kinesis-local "
            + (process.isAlive() ? "does not listen on port " + port : "ended at once")
            + ":\n"
            + Files.readString(log));
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
