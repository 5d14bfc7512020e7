package io.millrace.testkit;

import io.millrace.testkit.cloudwatch.CloudWatchSink;
import io.millrace.testkit.http.CloudWatchService;
import io.millrace.testkit.http.Exchange;
import io.millrace.testkit.http.HttpEndpoint;
import io.millrace.testkit.http.KinesisService;
import io.millrace.testkit.http.LocalhostCertificate;
import io.millrace.testkit.http.StatisticsService;
import io.millrace.testkit.kinesis.KinesisCore;
import io.millrace.testkit.kinesis.call.StreamCall.CreateStream;
import java.net.URI;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.SplittableRandom;
import javax.net.ssl.TrustManager;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClientBuilder;

/**
 * A Kinesis endpoint in this process, for real SDK clients.
 *
 * <pre>{@code
 * try (KinesisServer server = KinesisServer.start();
 *     KinesisAsyncClient kinesis = server.newClient()) {
 *   server.createStream("orders", 4);
 *   server.core().faults().on(Operation.PUT_RECORDS).times(3).inject(Fault.throttle());
 *   ...
 * }
 * }</pre>
 *
 * <p>It speaks JSON and CBOR, HTTP/1.1 and HTTP/2, plain and over TLS (with ALPN or without), and
 * so works with every setting of the SDK's clients. Besides Kinesis it takes CloudWatch's
 * PutMetricData. Signatures are not checked: any credentials do. It listens on 127.0.0.1 alone, and
 * keeps all records in memory.
 *
 * <p>Up within a fraction of a second. Thread-safe. Its threads are daemons named {@code
 * millrace-testkit-<n>}.
 */
public final class KinesisServer implements AutoCloseable {
  private final KinesisServerSettings settings;
  private final KinesisCore core;
  private final CloudWatchSink cloudWatch;
  private final LocalhostCertificate certificate;
  private final HttpEndpoint http;
  private final ClientSettings clients;

  private KinesisServer(KinesisServerSettings settings) {
    this.settings = settings;
    this.core =
        new KinesisCore(settings.core(), settings.clock(), new SplittableRandom(settings.seed()));
    this.cloudWatch = new CloudWatchSink();
    this.certificate = LocalhostCertificate.create();
    KinesisService kinesis = new KinesisService(core, settings.clock());
    CloudWatchService metrics = new CloudWatchService(cloudWatch);
    StatisticsService statistics = new StatisticsService(core);
    this.http =
        HttpEndpoint.start(
            settings.port(),
            settings.tlsPort(),
            settings.eventLoopThreads(),
            certificate,
            exchange -> route(exchange, kinesis, metrics, statistics));
    this.clients = new ClientSettings(settings.core().region(), certificate.certificate());
  }

  /** Starts a server with the defaults. */
  public static KinesisServer start() {
    return start(KinesisServerSettings.defaults());
  }

  /**
   * Starts a server.
   *
   * @throws IllegalStateException if a port is taken
   */
  public static KinesisServer start(KinesisServerSettings settings) {
    return new KinesisServer(settings);
  }

  private static void route(
      Exchange exchange,
      KinesisService kinesis,
      CloudWatchService metrics,
      StatisticsService statistics) {
    switch (exchange.path()) {
      case CloudWatchService.PATH -> metrics.handle(exchange);
      case StatisticsService.PATH -> statistics.handle(exchange);
      default -> kinesis.handle(exchange);
    }
  }

  /** The settings it was started with. */
  public KinesisServerSettings settings() {
    return settings;
  }

  /** Where it listens without TLS, such as {@code http://127.0.0.1:40123}. */
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + http.port());
  }

  /** Where it listens with TLS, such as {@code https://localhost:40124}. */
  public URI tlsEndpoint() {
    return URI.create("https://localhost:" + http.tlsPort());
  }

  /** The Kinesis behind the endpoint: for direct calls, faults and counts. */
  public KinesisCore core() {
    return core;
  }

  /** The metric data that clients have put. */
  public CloudWatchSink cloudWatch() {
    return cloudWatch;
  }

  /**
   * Creates a provisioned stream, directly and without faults.
   *
   * @throws io.millrace.testkit.kinesis.model.KinesisError if the service would refuse it
   */
  public void createStream(String streamName, int shardCount) {
    core.call(CreateStream.provisioned(streamName, shardCount));
  }

  /** A client for the plain endpoint; the caller closes it. */
  public KinesisAsyncClient newClient() {
    return clientBuilder().build();
  }

  /**
   * A builder with the plain endpoint, region, credentials and HTTP client set; change what the
   * test is about. The HTTP clients of one server share event loops, which end with it.
   */
  public KinesisAsyncClientBuilder clientBuilder() {
    return clients.builder(endpoint());
  }

  /** The same as {@link #clientBuilder()} for the TLS endpoint, whose certificate it trusts. */
  public KinesisAsyncClientBuilder tlsClientBuilder() {
    return clients.builder(tlsEndpoint());
  }

  /** The self-signed certificate of the TLS endpoint; another one at each start. */
  public X509Certificate certificate() {
    return certificate.certificate();
  }

  /** A key store that holds the certificate as the only one trusted; has no password. */
  public KeyStore trustStore() {
    return LocalhostCertificate.trustStore(certificate());
  }

  /** Trust managers that trust the certificate and no other, for clients of your own. */
  public TrustManager[] trustManagers() {
    return LocalhostCertificate.trustManagers(certificate());
  }

  /**
   * Closes the ports and all connections; clients that wait fail at once. Idempotent. Not to be
   * called from a listener, which runs on a thread that has to end first.
   */
  @Override
  public void close() {
    http.close();
    clients.close();
  }
}
