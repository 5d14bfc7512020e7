package io.millrace.consumer;

import java.time.Duration;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.nio.netty.Http2Configuration;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClientBuilder;

/** Prepares Kinesis clients for a {@link StreamConsumer}. */
public final class KinesisClients {
  private KinesisClients() {}

  /**
   * Sets the HTTP client that a consumer needs: HTTP/2 (which SubscribeToShard requires), a
   * connection pool that does not limit it, an initial window of 512 KiB per stream, and health
   * checks of idle connections. Replaces an HTTP client set before; changes nothing else.
   *
   * @param builder the builder to prepare
   * @return the same builder
   */
  public static KinesisAsyncClientBuilder tune(KinesisAsyncClientBuilder builder) {
    return builder.httpClientBuilder(
        NettyNioAsyncHttpClient.builder()
            .maxConcurrency(Integer.MAX_VALUE)
            .maxPendingConnectionAcquires(Integer.MAX_VALUE)
            .connectionTimeout(Duration.ofSeconds(5))
            .protocol(Protocol.HTTP2)
            .http2Configuration(
                Http2Configuration.builder()
                    .initialWindowSize(512 * 1024)
                    .healthCheckPingPeriod(Duration.ofSeconds(30))
                    .build()));
  }
}
