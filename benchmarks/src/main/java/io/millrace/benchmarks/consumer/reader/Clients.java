package io.millrace.benchmarks.consumer.reader;

import io.millrace.testkit.http.LocalhostCertificate;
import java.net.URI;
import java.time.Duration;
import javax.net.ssl.TrustManager;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.nio.netty.Http2Configuration;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.cloudwatch.CloudWatchAsyncClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/** The clients that all candidates read with: the same settings for each. */
public final class Clients {
  /** A busy machine may take its time. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final int WINDOW_BYTES = 512 * 1024;

  private Clients() {}

  /**
   * A client as {@link io.millrace.consumer.KinesisClients#tune} and the KCL's {@code
   * KinesisClientUtil} prepare it, and with trust in the endpoint's own certificate.
   */
  public static KinesisAsyncClient kinesis(Source source) {
    TrustManager[] trusted =
        LocalhostCertificate.trustManagers(LocalhostCertificate.decode(source.certificateBytes()));
    return KinesisAsyncClient.builder()
        .endpointOverride(source.endpoint())
        .region(Region.of(Source.REGION))
        .credentialsProvider(credentials())
        .httpClientBuilder(
            NettyNioAsyncHttpClient.builder()
                .maxConcurrency(Integer.MAX_VALUE)
                .maxPendingConnectionAcquires(Integer.MAX_VALUE)
                .connectionTimeout(PATIENCE)
                .connectionAcquisitionTimeout(PATIENCE)
                .readTimeout(PATIENCE)
                .tlsNegotiationTimeout(PATIENCE)
                .protocol(Protocol.HTTP2)
                .http2Configuration(
                    Http2Configuration.builder()
                        .initialWindowSize(WINDOW_BYTES)
                        .healthCheckPingPeriod(PATIENCE)
                        .build())
                .tlsTrustManagersProvider(() -> trusted))
        .build();
  }

  static DynamoDbAsyncClient dynamoDb(Source source) {
    return DynamoDbAsyncClient.builder()
        .endpointOverride(source.dynamoDb())
        .region(Region.of(Source.REGION))
        .credentialsProvider(credentials())
        .build();
  }

  /** For whoever wants one: nothing listens there. */
  static CloudWatchAsyncClient cloudWatch() {
    return CloudWatchAsyncClient.builder()
        .endpointOverride(URI.create("http://127.0.0.1:9"))
        .region(Region.of(Source.REGION))
        .credentialsProvider(credentials())
        .build();
  }

  private static AwsCredentialsProvider credentials() {
    return StaticCredentialsProvider.create(
        AwsBasicCredentials.create(Source.CREDENTIAL, Source.CREDENTIAL));
  }
}
