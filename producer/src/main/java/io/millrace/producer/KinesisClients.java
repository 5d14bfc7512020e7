package io.millrace.producer;

import java.time.Duration;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.client.config.SdkAdvancedAsyncClientOption;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClientBuilder;

/** Sets up Kinesis clients for a producer. */
public final class KinesisClients {
  private static final int MAX_CONNECTIONS = 128;
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);
  private static final Duration ACQUISITION_TIMEOUT = Duration.ofSeconds(10);

  private KinesisClients() {}

  /**
   * Sets what a producer needs of a client of its own, and leaves credentials, region and endpoint
   * alone:
   *
   * <ul>
   *   <li>HTTP/1.1, which costs less than HTTP/2 for large requests, on up to 128 connections, with
   *       a connect time-out of 3 s;
   *   <li>no retries by the SDK: the producer retries itself, and so need not overrule them request
   *       by request;
   *   <li>responses handled on the SDK's I/O threads: the producer only takes note there.
   * </ul>
   *
   * <p>For the last two, don't share the client with code that relies on the SDK's retries or
   * blocks in its callbacks; for the first, not with an enhanced fan-out consumer.
   *
   * <pre>{@code
   * KinesisAsyncClient kinesis =
   *     KinesisClients.tune(KinesisAsyncClient.builder()).region(Region.EU_CENTRAL_1).build();
   * }</pre>
   *
   * <p>Call it first: what is set on the builder afterwards wins. The HTTP client belongs to the
   * client that the builder builds and is closed with it.
   *
   * @return the same builder
   */
  public static KinesisAsyncClientBuilder tune(KinesisAsyncClientBuilder builder) {
    return builder
        .httpClientBuilder(
            NettyNioAsyncHttpClient.builder()
                .protocol(Protocol.HTTP1_1)
                .maxConcurrency(MAX_CONNECTIONS)
                .connectionTimeout(CONNECT_TIMEOUT)
                .connectionAcquisitionTimeout(ACQUISITION_TIMEOUT)
                .tcpKeepAlive(true))
        .overrideConfiguration(
            builder.overrideConfiguration().toBuilder()
                .retryStrategy(AwsRetryStrategy.doNotRetry())
                .build())
        .asyncConfiguration(
            async ->
                async.advancedOption(
                    SdkAdvancedAsyncClientOption.FUTURE_COMPLETION_EXECUTOR, Runnable::run));
  }
}
