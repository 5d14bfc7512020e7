package io.millrace.producer;

import java.time.Duration;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClientBuilder;

/** Sets up Kinesis clients for a producer. */
public final class KinesisClients {
  private KinesisClients() {}

  /**
   * Sets what a producer needs of its client and leaves the rest (credentials, region, endpoint)
   * alone: an HTTP client with enough connections for the requests in flight of several streams,
   * and short connect time-outs.
   *
   * <pre>{@code
   * KinesisAsyncClient kinesis =
   *     KinesisClients.tune(KinesisAsyncClient.builder().region(Region.EU_CENTRAL_1)).build();
   * }</pre>
   *
   * <p>The HTTP client belongs to the client that the builder builds and is closed with it.
   *
   * @return the same builder
   */
  public static KinesisAsyncClientBuilder tune(KinesisAsyncClientBuilder builder) {
    return builder.httpClientBuilder(
        NettyNioAsyncHttpClient.builder()
            .maxConcurrency(128)
            .connectionTimeout(Duration.ofSeconds(3))
            .connectionAcquisitionTimeout(Duration.ofSeconds(10)));
  }
}
