package io.millrace.benchmarks.producer.candidate;

import io.millrace.producer.KinesisClients;
import io.millrace.testkit.http.LocalhostCertificate;
import java.time.Duration;
import javax.net.ssl.TrustManager;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClientBuilder;

/** The clients that Millrace and the bare SDK send with, the same for both. */
final class SdkClients {
  /** As {@link KinesisClients#tune} sets it, for the default client too. */
  private static final int MAX_CONCURRENCY = 128;

  /** A busy machine may take its time. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private SdkClients() {}

  /** At the SDK's defaults. */
  static KinesisAsyncClient atDefaults(Target target) {
    return create(target, KinesisAsyncClient.builder(), NettyNioAsyncHttpClient.builder());
  }

  /** As {@link KinesisClients#tune} sets it up. */
  static KinesisAsyncClient tuned(Target target) {
    return create(
        target,
        KinesisClients.tune(KinesisAsyncClient.builder()),
        NettyNioAsyncHttpClient.builder().protocol(Protocol.HTTP1_1));
  }

  private static KinesisAsyncClient create(
      Target target, KinesisAsyncClientBuilder client, NettyNioAsyncHttpClient.Builder http) {
    TrustManager[] trusted =
        LocalhostCertificate.trustManagers(LocalhostCertificate.decode(target.certificateBytes()));
    return client
        .endpointOverride(target.endpoint())
        .region(Region.of(Target.REGION))
        .credentialsProvider(
            StaticCredentialsProvider.create(
                AwsBasicCredentials.create(Target.CREDENTIAL, Target.CREDENTIAL)))
        .httpClientBuilder(
            http.maxConcurrency(MAX_CONCURRENCY)
                .connectionTimeout(PATIENCE)
                .connectionAcquisitionTimeout(PATIENCE)
                .tlsNegotiationTimeout(PATIENCE)
                .tlsTrustManagersProvider(() -> trusted))
        .build();
  }
}
