package io.millrace.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.testkit.http.LocalhostCertificate;
import io.millrace.testkit.http.StatisticsService;
import io.millrace.testkit.kinesis.CoreStatistics;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.TrustManager;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClientBuilder;

/**
 * A {@link KinesisServer} in a JVM of its own, so that measurements of this one show only the code
 * under test, and several processes can share the endpoint.
 *
 * <pre>{@code
 * try (KinesisServerProcess server =
 *     KinesisServerProcess.start(List.of("-Xmx512m"), List.of("--stream", "orders:4"))) {
 *   ...
 * }
 * }</pre>
 *
 * <p>The child runs on this JVM's Java and class path. It ends when {@link #close()} is called and
 * also when this process dies in any way: it watches its standard input. Thread-safe.
 */
public final class KinesisServerProcess implements AutoCloseable {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
  private static final long STOP_SECONDS = 5;
  private static final int HTTP_TIMEOUT_MILLIS = 10_000;
  private static final int MAX_STATISTICS_BYTES = 1 << 20;

  private final Process process;
  private final ReadyLine ready;
  private final ClientSettings clients;

  private KinesisServerProcess(Process process, ReadyLine ready, String region) {
    this.process = process;
    this.ready = ready;
    this.clients = new ClientSettings(region, ready.certificate());
  }

  /**
   * Starts a server and waits until it is ready.
   *
   * @param jvmArguments for the child's JVM, such as {@code -Xmx512m}
   * @param arguments flags of {@link KinesisServerMain}
   * @throws IllegalArgumentException if a flag is wrong
   * @throws IllegalStateException if it does not get ready within 60 seconds; its standard error is
   *     this process' own
   */
  public static KinesisServerProcess start(List<String> jvmArguments, List<String> arguments) {
    String region = ServerArguments.parse(arguments).settings().core().region();
    Process process = launch(jvmArguments, arguments);
    boolean started = false;
    try {
      ReadyLine ready = awaitReady(process);
      started = true;
      return new KinesisServerProcess(process, ready, region);
    } finally {
      if (!started) {
        stop(process);
      }
    }
  }

  private static Process launch(List<String> jvmArguments, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmArguments);
    command.add(KinesisServerMain.class.getName());
    command.addAll(arguments);
    command.add("--exit-with-parent");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("CLASSPATH", classPath());
    try {
      return builder.start();
    } catch (IOException e) {
      throw new IllegalStateException("the JVM of the Kinesis endpoint did not start", e);
    }
  }

  /** Modules serve as well from the class path. */
  private static String classPath() {
    String classes = System.getProperty("java.class.path", "");
    String modules = System.getProperty("jdk.module.path", "");
    return modules.isEmpty() ? classes : classes + File.pathSeparator + modules;
  }

  private static ReadyLine awaitReady(Process process) {
    CompletableFuture<ReadyLine> ready = new CompletableFuture<>();
    Thread reader = new Thread(() -> follow(process, ready), "millrace-testkit-process-output");
    reader.setDaemon(true);
    reader.start();
    try {
      return ready.get(START_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the Kinesis endpoint started", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException(
          "the Kinesis endpoint was not ready within " + START_TIMEOUT.toSeconds() + " s", e);
    }
  }

  /** Reads to the end of the child's life: a full pipe would stop it. */
  private static void follow(Process process, CompletableFuture<ReadyLine> ready) {
    try (BufferedReader lines = process.inputReader(UTF_8)) {
      String line;
      while ((line = lines.readLine()) != null) {
        ReadyLine.parse(line).ifPresent(ready::complete);
      }
      ready.completeExceptionally(new IOException("the process ended before it was ready"));
    } catch (IOException e) {
      ready.completeExceptionally(e);
    }
  }

  /** Where it listens without TLS. */
  public URI endpoint() {
    return ready.endpoint();
  }

  /** Where it listens with TLS. */
  public URI tlsEndpoint() {
    return ready.tlsEndpoint();
  }

  /** The self-signed certificate of the TLS endpoint; another one at each start. */
  public X509Certificate certificate() {
    return ready.certificate();
  }

  /** Trust managers that trust the certificate and no other, for clients of your own. */
  public TrustManager[] trustManagers() {
    return LocalhostCertificate.trustManagers(certificate());
  }

  /** A client for the plain endpoint; the caller closes it. */
  public KinesisAsyncClient newClient() {
    return clientBuilder().build();
  }

  /** As {@link KinesisServer#clientBuilder()}. */
  public KinesisAsyncClientBuilder clientBuilder() {
    return clients.builder(endpoint());
  }

  /** As {@link KinesisServer#tlsClientBuilder()}. */
  public KinesisAsyncClientBuilder tlsClientBuilder() {
    return clients.builder(tlsEndpoint());
  }

  /** The child's process: its id, its CPU time, and ways to end it roughly. */
  public ProcessHandle process() {
    return process.toHandle();
  }

  /**
   * What the endpoint has counted since it started.
   *
   * @throws IOException if the endpoint does not answer
   */
  public CoreStatistics statistics() throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection) endpoint().resolve(StatisticsService.PATH).toURL().openConnection();
    connection.setConnectTimeout(HTTP_TIMEOUT_MILLIS);
    connection.setReadTimeout(HTTP_TIMEOUT_MILLIS);
    try (InputStream in = connection.getInputStream()) {
      return StatisticsService.parse(new String(in.readNBytes(MAX_STATISTICS_BYTES), UTF_8));
    } finally {
      connection.disconnect();
    }
  }

  /** Ends the child; waits until it is gone. Idempotent. */
  @Override
  public void close() {
    stop(process);
    clients.close();
  }

  private static void stop(Process process) {
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
