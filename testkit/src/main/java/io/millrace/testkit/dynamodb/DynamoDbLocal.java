package io.millrace.testkit.dynamodb;

import io.millrace.testkit.dynamodb.DynamoDbLocalUnavailableException.Reason;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * DynamoDB Local in a JVM of its own: in memory, on a free port, gone when this process is gone.
 *
 * <pre>{@code
 * try (DynamoDbLocal dynamoDb = DynamoDbLocal.start(Path.of("target/dynamodb-local.classpath"))) {
 *   DynamoDbAsyncClient client =
 *       DynamoDbAsyncClient.builder()
 *           .endpointOverride(dynamoDb.endpoint())
 *           .region(Region.US_EAST_1)
 *           .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")))
 *           .build();
 * }
 * }</pre>
 *
 * <p>Nothing of DynamoDB Local comes with Millrace. Your build resolves {@code
 * com.amazonaws:DynamoDBLocal} apart from your own dependencies and writes its class path into a
 * file (Maven: {@code dependency:build-classpath} in a pom of its own). It never enters this JVM:
 * its 84 jars hold other versions of the SDK, Netty and Jackson. DynamoDB Local has its own
 * licence, see {@link #LICENCE_NOTE}.
 *
 * <p>All regions and credentials see the same tables. The server listens on all interfaces, as
 * DynamoDB Local always does: it is for tests.
 *
 * <p>Thread-safe. The child ends when {@link #close()} is called and also when this process dies in
 * any way, {@code kill -9} included: it watches its standard input.
 */
public final class DynamoDbLocal implements AutoCloseable {
  /** System property that names the class path file for {@link #classPathFile()}. */
  public static final String CLASS_PATH_PROPERTY = "millrace.dynamodb-local.classpath";

  /** What a program that starts DynamoDB Local should tell its user; also logged once. */
  public static final String LICENCE_NOTE =
      "DynamoDB Local is Amazon's, under the DynamoDB Local License Agreement (LICENSE.txt in its"
          + " jar): for development and test with the service, not for distribution. It is fetched"
          + " by your build; Millrace holds no part of it.";

  /** How long {@link #start(Path)} waits for the first answer. */
  public static final Duration DEFAULT_START_TIMEOUT = Duration.ofMinutes(2);

  /**
   * Since this release the JVM wants to be told that native access is intended, and warns
   * otherwise.
   */
  private static final int NATIVE_ACCESS_OPTION_SINCE = 22;

  private static final long STOP_TIMEOUT_SECONDS = 5;

  private static final Logger log = LoggerFactory.getLogger(DynamoDbLocal.class);
  private static final AtomicBoolean licenceTold = new AtomicBoolean();

  private final Process process;
  private final Path temporaryDirectory;
  private final URI endpoint;

  private DynamoDbLocal(Process process, Path temporaryDirectory, URI endpoint) {
    this.process = process;
    this.temporaryDirectory = temporaryDirectory;
    this.endpoint = endpoint;
  }

  /** The file that the system property {@value #CLASS_PATH_PROPERTY} names, when that is set. */
  public static Optional<Path> classPathFile() {
    return Optional.ofNullable(System.getProperty(CLASS_PATH_PROPERTY))
        .filter(name -> !name.isBlank())
        .map(Path::of);
  }

  /**
   * Starts from the class path file that {@link #classPathFile()} finds.
   *
   * @throws DynamoDbLocalUnavailableException see {@link #start(Path, Duration)}
   */
  public static DynamoDbLocal start() {
    return start(
        classPathFile()
            .orElseThrow(
                () ->
                    new DynamoDbLocalUnavailableException(
                        Reason.CLASS_PATH_MISSING,
                        "System property "
                            + CLASS_PATH_PROPERTY
                            + " is not set: let it name the file with the class path of DynamoDB"
                            + " Local")));
  }

  /**
   * Starts and waits at most {@link #DEFAULT_START_TIMEOUT} for the first answer.
   *
   * @throws DynamoDbLocalUnavailableException see {@link #start(Path, Duration)}
   */
  public static DynamoDbLocal start(Path classPathFile) {
    return start(classPathFile, DEFAULT_START_TIMEOUT);
  }

  /**
   * Starts DynamoDB Local, waits until it has answered a request, and returns.
   *
   * @param classPathFile a text file with the class path, entries separated as this platform
   *     separates them
   * @param timeout how long to wait for the first answer; usually a second or two is needed
   * @throws DynamoDbLocalUnavailableException when it can't run here; its reason says whether to
   *     fix the build, to wait longer, or to do without. No process is left behind
   */
  public static DynamoDbLocal start(Path classPathFile, Duration timeout) {
    String classPath = childClassPath(classPathFile);
    if (licenceTold.compareAndSet(false, true)) {
      log.info(LICENCE_NOTE);
    }
    Path temporaryDirectory = temporaryDirectory();
    ProcessBuilder builder =
        new ProcessBuilder(command(Runtime.version().feature(), temporaryDirectory))
            .redirectErrorStream(true);
    // The variable and not an argument: 84 paths would drown every process listing.
    builder.environment().put("CLASSPATH", classPath);
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      delete(temporaryDirectory);
      throw new DynamoDbLocalUnavailableException(
          Reason.PROCESS_FAILED, "The JVM for DynamoDB Local did not start: " + e.getMessage(), e);
    }
    boolean ready = false;
    try {
      int port = awaitReady(process, timeout);
      ready = true;
      return new DynamoDbLocal(process, temporaryDirectory, URI.create("http://127.0.0.1:" + port));
    } finally {
      if (!ready) {
        stop(process, temporaryDirectory);
      }
    }
  }

  /** Where it listens: plain HTTP on the loopback address. */
  public URI endpoint() {
    return endpoint;
  }

  /** Ends the process, and with it all tables; returns when it is gone. Idempotent. */
  @Override
  public void close() {
    stop(process, temporaryDirectory);
  }

  @Override
  public String toString() {
    return "DynamoDbLocal[" + endpoint + ", pid " + process.pid() + "]";
  }

  private static void stop(Process process, Path temporaryDirectory) {
    try {
      process.getOutputStream().close(); // The child sees the end of its input and halts.
    } catch (IOException ignored) {
      // It is gone already.
    }
    try {
      if (!process.waitFor(STOP_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        log.warn(
            "DynamoDB Local (pid {}) did not end within {} s: killed",
            process.pid(),
            STOP_TIMEOUT_SECONDS);
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    delete(temporaryDirectory);
  }

  private static Path temporaryDirectory() {
    try {
      return Files.createTempDirectory("millrace-dynamodb-local");
    } catch (IOException e) {
      throw new DynamoDbLocalUnavailableException(
          Reason.PROCESS_FAILED, "No temporary directory for DynamoDB Local", e);
    }
  }

  /** What the child could not delete itself: on some systems a loaded library stays to the end. */
  private static void delete(Path temporaryDirectory) {
    @Nullable File[] left = temporaryDirectory.toFile().listFiles();
    for (File file : left == null ? new File[0] : left) {
      file.delete();
    }
    temporaryDirectory.toFile().delete();
  }

  private static int awaitReady(Process process, Duration timeout) {
    ChildOutput output = ChildOutput.follow(process);
    try {
      return output.port().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof DynamoDbLocalUnavailableException unavailable) {
        throw unavailable;
      }
      throw new DynamoDbLocalUnavailableException(
          Reason.PROCESS_FAILED, "The output of DynamoDB Local could not be read", e);
    } catch (TimeoutException e) {
      throw new DynamoDbLocalUnavailableException(
          Reason.TIMED_OUT,
          "DynamoDB Local did not answer within "
              + timeout
              + "; its last output: "
              + output.lastLines(),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DynamoDbLocalUnavailableException(
          Reason.INTERRUPTED, "Interrupted while DynamoDB Local was starting", e);
    }
  }

  // Visible for tests.
  static List<String> command(int javaFeatureVersion, Path temporaryDirectory) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // A small server that lives for seconds: quick to start is worth more than its peak.
    command.addAll(
        List.of(
            "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true"));
    if (javaFeatureVersion >= NATIVE_ACCESS_OPTION_SINCE) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.add("-Djava.io.tmpdir=" + temporaryDirectory);
    command.add(DynamoDbLocalLauncher.class.getName());
    return command;
  }

  private static String childClassPath(Path classPathFile) {
    String jars;
    try {
      jars = Files.readString(classPathFile).strip();
    } catch (IOException e) {
      throw new DynamoDbLocalUnavailableException(
          Reason.CLASS_PATH_MISSING,
          "Can't read the class path of DynamoDB Local from " + classPathFile,
          e);
    }
    for (String jar : jars.split(File.pathSeparator, -1)) {
      if (jar.isEmpty() || !Files.exists(Path.of(jar))) {
        throw new DynamoDbLocalUnavailableException(
            Reason.CLASS_PATH_MISSING,
            "'"
                + jar
                + "', which "
                + classPathFile
                + " names, does not exist: build that file again");
      }
    }
    // Last, so that nothing of ours can stand in front of what DynamoDB Local was released with.
    return jars + File.pathSeparator + launcherLocation();
  }

  private static String launcherLocation() {
    CodeSource source = DynamoDbLocalLauncher.class.getProtectionDomain().getCodeSource();
    if (source == null || source.getLocation() == null) {
      throw new DynamoDbLocalUnavailableException(
          Reason.PROCESS_FAILED, "The class loader does not tell where the testkit's classes are");
    }
    try {
      return Path.of(source.getLocation().toURI()).toString();
    } catch (URISyntaxException
        | IllegalArgumentException
        | java.nio.file.FileSystemNotFoundException e) {
      throw new DynamoDbLocalUnavailableException(
          Reason.PROCESS_FAILED,
          "The testkit's classes are not in a file: " + source.getLocation(),
          e);
    }
  }
}
