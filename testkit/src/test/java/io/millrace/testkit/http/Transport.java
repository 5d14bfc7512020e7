package io.millrace.testkit.http;

import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.time.Duration;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.ProtocolNegotiation;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.SdkEventLoopGroup;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/** The ways in which an SDK client may reach an endpoint. */
enum Transport {
  PLAIN_HTTP1(false, Protocol.HTTP1_1, null),
  PLAIN_HTTP2_PRIOR_KNOWLEDGE(false, Protocol.HTTP2, ProtocolNegotiation.ASSUME_PROTOCOL),
  PLAIN_SDK_DEFAULT(false, null, null),
  TLS_HTTP1(true, Protocol.HTTP1_1, null),
  TLS_HTTP2_ALPN(true, Protocol.HTTP2, ProtocolNegotiation.ALPN),
  TLS_HTTP2_PRIOR_KNOWLEDGE(true, Protocol.HTTP2, ProtocolNegotiation.ASSUME_PROTOCOL),
  TLS_SDK_DEFAULT(true, null, null);

  /** Shared, because each group of the SDK's takes two seconds to shut down. */
  private static final SdkEventLoopGroup LOOPS =
      SdkEventLoopGroup.create(new NioEventLoopGroup(16, new DefaultThreadFactory("client", true)));

  private static final String CBOR_ENABLED = "aws.cborEnabled";

  private final boolean tls;
  private final Protocol protocol;
  private final ProtocolNegotiation negotiation;

  Transport(boolean tls, Protocol protocol, ProtocolNegotiation negotiation) {
    this.tls = tls;
    this.protocol = protocol;
    this.negotiation = negotiation;
  }

  boolean isHttp2() {
    return protocol != Protocol.HTTP1_1;
  }

  /** A client without retries, so that a test sees what each single request got. */
  KinesisAsyncClient client(HttpEndpoint endpoint, X509Certificate certificate, boolean cbor) {
    NettyNioAsyncHttpClient.Builder http =
        NettyNioAsyncHttpClient.builder()
            .eventLoopGroup(LOOPS)
            .maxConcurrency(2000)
            .connectionTimeout(Duration.ofMinutes(1))
            .connectionAcquisitionTimeout(Duration.ofMinutes(1))
            .tlsNegotiationTimeout(Duration.ofMinutes(1))
            .readTimeout(Duration.ofMinutes(1))
            .tlsTrustManagersProvider(() -> LocalhostCertificate.trustManagers(certificate));
    if (protocol != null) {
      http.protocol(protocol);
    }
    if (negotiation != null) {
      http.protocolNegotiation(negotiation);
    }
    // The SDK reads the property once per client, while it builds it.
    String before = System.getProperty(CBOR_ENABLED);
    System.setProperty(CBOR_ENABLED, Boolean.toString(cbor));
    try {
      return KinesisAsyncClient.builder()
          .httpClientBuilder(http)
          .endpointOverride(
              tls
                  ? URI.create("https://localhost:" + endpoint.tlsPort())
                  : URI.create("http://127.0.0.1:" + endpoint.port()))
          .region(Region.US_EAST_1)
          .credentialsProvider(
              StaticCredentialsProvider.create(AwsBasicCredentials.create("id", "secret")))
          .overrideConfiguration(o -> o.retryStrategy(DefaultRetryStrategy.doNotRetry()))
          .build();
    } finally {
      if (before == null) {
        System.clearProperty(CBOR_ENABLED);
      } else {
        System.setProperty(CBOR_ENABLED, before);
      }
    }
  }
}
