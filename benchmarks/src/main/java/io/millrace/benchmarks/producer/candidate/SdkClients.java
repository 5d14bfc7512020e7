package io.millrace.benchmarks.producer.candidate;

import io.millrace.testkit.http.LocalhostCertificate;
import java.time.Duration;
import javax.net.ssl.TrustManager;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/** The client that Millrace and the bare SDK send with, the same for both. */
final class SdkClients {
  /** As {@link io.millrace.producer.KinesisClients#tune} sets it. */
  private static final int MAX_CONCURRENCY = 128;

  /** A busy machine may take its time. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private SdkClients() {}

  static KinesisAsyncClient create(Target target) {
    TrustManager[] trusted =
        LocalhostCertificate.trustManagers(LocalhostCertificate.decode(target.certificateBytes()));
    return KinesisAsyncClient.builder()
        .endpointOverride(target.endpoint())
        .region(Region.of(Target.REGION))
        .credentialsProvider(
            StaticCredentialsProvider.create(
                AwsBasicCredentials.create(Target.CREDENTIAL, Target.CREDENTIAL)))
        .httpClientBuilder(
            NettyNioAsyncHttpClient.builder()
                .maxConcurrency(MAX_CONCURRENCY)
                .connectionTimeout(PATIENCE)
                .connectionAcquisitionTimeout(PATIENCE)
                .tlsNegotiationTimeout(PATIENCE)
                .tlsTrustManagersProvider(() -> trusted))
        .build();
  }
}
