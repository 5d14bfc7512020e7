package io.millrace.testkit;

import io.millrace.testkit.http.LocalhostCertificate;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.SdkEventLoopGroup;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClientBuilder;

/**
 * Prepares SDK clients for one endpoint. Thread-safe.
 *
 * <p>They share event loops of ours, because a group of the SDK's own takes two seconds to close. A
 * thread starts when its loop is first used.
 */
final class ClientSettings implements AutoCloseable {
  /**
   * More loops than connections need: a client that closes picks one, and if it is a connection's
   * own the SDK waits for itself, for five seconds (docs/decisions/http2-on-the-netty-client.md).
   */
  private static final int LOOPS = 16;

  /** A machine that is busy with a build may take its time. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private static final int MAX_CONCURRENCY = 1_000;
  private static final int CLOSE_SECONDS = 5;

  private final Region region;
  private final X509Certificate certificate;
  private @Nullable NioEventLoopGroup loops;

  ClientSettings(String region, X509Certificate certificate) {
    this.region = Region.of(region);
    this.certificate = certificate;
  }

  KinesisAsyncClientBuilder builder(URI endpoint) {
    TrustManager[] trusted = LocalhostCertificate.trustManagers(certificate);
    return KinesisAsyncClient.builder()
        .endpointOverride(endpoint)
        .region(region)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create("testkit", "testkit")))
        .httpClientBuilder(
            NettyNioAsyncHttpClient.builder()
                .eventLoopGroup(SdkEventLoopGroup.create(loops()))
                .maxConcurrency(MAX_CONCURRENCY)
                .connectionTimeout(PATIENCE)
                .connectionAcquisitionTimeout(PATIENCE)
                .tlsNegotiationTimeout(PATIENCE)
                .readTimeout(PATIENCE)
                .writeTimeout(PATIENCE)
                .tlsTrustManagersProvider(() -> trusted));
  }

  private synchronized NioEventLoopGroup loops() {
    if (loops == null) {
      AtomicInteger count = new AtomicInteger();
      loops =
          new NioEventLoopGroup(
              LOOPS,
              task -> {
                Thread thread =
                    new FastThreadLocalThread(
                        task, "millrace-testkit-client-" + count.incrementAndGet());
                thread.setDaemon(true);
                return thread;
              });
    }
    return loops;
  }

  @Override
  public synchronized void close() {
    if (loops != null) {
      loops
          .shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS)
          .awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
    }
  }
}
