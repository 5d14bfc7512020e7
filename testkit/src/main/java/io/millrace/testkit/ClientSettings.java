package io.millrace.testkit;

import io.millrace.testkit.http.LocalhostCertificate;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.net.URI;
import java.security.cert.X509Certificate;
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
 * <p>They share two threads of ours, because a group of the SDK's own takes two seconds to close.
 */
final class ClientSettings implements AutoCloseable {
  private static final int THREADS = 2;
  private static final int MAX_CONCURRENCY = 1_000;
  private static final int CLOSE_SECONDS = 5;

  private final Region region;
  private final X509Certificate certificate;
  private @Nullable NioEventLoopGroup threads;

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
                .eventLoopGroup(SdkEventLoopGroup.create(threads()))
                .maxConcurrency(MAX_CONCURRENCY)
                .tlsTrustManagersProvider(() -> trusted));
  }

  private synchronized NioEventLoopGroup threads() {
    if (threads == null) {
      AtomicInteger count = new AtomicInteger();
      threads =
          new NioEventLoopGroup(
              THREADS,
              task -> {
                Thread thread =
                    new FastThreadLocalThread(
                        task, "millrace-testkit-client-" + count.incrementAndGet());
                thread.setDaemon(true);
                return thread;
              });
    }
    return threads;
  }

  @Override
  public synchronized void close() {
    if (threads != null) {
      threads
          .shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS)
          .awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
    }
  }
}
