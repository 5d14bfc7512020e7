package io.millrace.integration.endpoint;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
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
  private static final Duration INSTALL_LIMIT = Duration.ofMinutes(3);
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final List<String> FILES =
      List.of("package.json", "package-lock.json", "start.js");

  private final Process process;
  private final Address address;

  private KinesisLocal(Process process, Address address) {
    this.process = process;
    this.address = address;
  }

  static Optional<String> missing() {
    for (String program : List.of("node", "npm")) {
      if (!onPath(program)) {
        return Optional.of(program + " is not on the PATH: install Node.js 18 or later");
      }
    }
    return Optional.empty();
  }

  static KinesisLocal start() {
    Path folder = install();
    Process process = null;
    try {
      int plainPort = freePort();
      ProcessBuilder builder =
          new ProcessBuilder(program("node"), "start.js")
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("kinesis-local.log").toFile());
      builder
          .environment()
          .putAll(
              Map.ofEntries(
                  Map.entry("KINESIS_MOCK_PLAIN_PORT", Integer.toString(plainPort)),
                  Map.entry("KINESIS_MOCK_TLS_PORT", Integer.toString(freePort())),
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
          Address.local(URI.create("http://127.0.0.1:" + plainPort), LocalDynamoDb.shared()));
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
  public int comfortableRecordCount() {
    return 2_000;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  private static Path install() {
    Path folder =
        Path.of(System.getProperty("basedir", ""), "target", "kinesis-local").toAbsolutePath();
    try {
      Files.createDirectories(folder);
      try (FileChannel lock =
          FileChannel.open(
              folder.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        lock.lock();
        for (String file : FILES) {
          try (InputStream content =
              KinesisLocal.class.getResourceAsStream("/kinesis-local/" + file)) {
            Files.copy(content, folder.resolve(file), StandardCopyOption.REPLACE_EXISTING);
          }
        }
        Path installedLock = folder.resolve("installed-lock.json");
        Path wantedLock = folder.resolve("package-lock.json");
        if (!Files.exists(installedLock) || Files.mismatch(installedLock, wantedLock) != -1) {
          npmCi(folder);
          Files.copy(wantedLock, installedLock, StandardCopyOption.REPLACE_EXISTING);
        }
      }
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException("kinesis-local could not be installed in " + folder, e);
    }
  }

  private static void npmCi(Path folder) throws IOException {
    Path log = folder.resolve("npm.log");
    Process npm =
        new ProcessBuilder(
                program("npm"),
                "ci",
                "--prefer-offline",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund")
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .redirectInput(ProcessBuilder.Redirect.PIPE)
            .start();
    try {
      if (!npm.waitFor(INSTALL_LIMIT.toSeconds(), TimeUnit.SECONDS) || npm.exitValue() != 0) {
        throw new IllegalStateException(
            "npm ci could not install kinesis-local (is a package registry reachable?):\n"
                + Files.readString(log));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while npm ci ran", e);
    } finally {
      npm.descendants().forEach(ProcessHandle::destroyForcibly);
      npm.destroyForcibly();
    }
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

  private static String program(String name) {
    boolean windows = System.getProperty("os.name").startsWith("Windows");
    return windows && name.equals("npm") ? "npm.cmd" : name;
  }

  private static boolean onPath(String name) {
    try {
      Process version =
          new ProcessBuilder(program(name), "--version")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      boolean ended = version.waitFor(20, TimeUnit.SECONDS);
      version.destroyForcibly();
      return ended && version.exitValue() == 0;
    } catch (IOException notThere) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
