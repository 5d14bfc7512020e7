package io.millrace.integration.endpoint;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.SdkEventLoopGroup;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClientBuilder;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClientBuilder;

/**
 * Something that speaks the Kinesis API, with a DynamoDB beside it. Everything that a test knows of
 * an endpoint is here. Thread-safe.
 */
public interface Endpoint extends AutoCloseable {
  /**
   * The I/O threads of every client of the tests: a client with threads of its own takes two
   * seconds to close.
   */
  SdkEventLoopGroup IO_THREADS =
      SdkEventLoopGroup.builder()
          .numberOfThreads(4)
          .threadFactory(
              work -> {
                Thread thread = new Thread(work, "test-client-io");
                thread.setDaemon(true);
                return thread;
              })
          .build();

  /** How long a connection may take on a busy machine. */
  Duration PATIENCE = Duration.ofMinutes(1);

  /** As it appears in reports and in docs/compatibility.md. */
  String name();

  /** Where it is and who may call it. */
  Address address();

  /** What its speed allows: tests put no more records than this into it in one go. */
  int comfortableRecordCount();

  /**
   * Where it speaks Kinesis over TLS on this machine, with a certificate of its own; if it does.
   */
  default Optional<URI> tlsKinesis() {
    return Optional.empty();
  }

  /** Ends every process that was started for this endpoint. */
  @Override
  void close();

  /** A Kinesis client of the caller's own, to be closed by the caller. */
  default KinesisAsyncClient newKinesisClient() {
    return newKinesisClient(unchanged -> {});
  }

  /** A Kinesis client of the caller's own with some settings changed. */
  default KinesisAsyncClient newKinesisClient(Consumer<KinesisAsyncClientBuilder> change) {
    KinesisAsyncClientBuilder builder =
        KinesisAsyncClient.builder()
            .region(address().region())
            .credentialsProvider(address().credentials())
            .httpClientBuilder(
                http(Protocol.HTTP2).maxConcurrency(200).readTimeout(Duration.ofSeconds(60)));
    address().kinesis().ifPresent(builder::endpointOverride);
    change.accept(builder);
    return builder.build();
  }

  /** A DynamoDB client of the caller's own, to be closed by the caller. */
  default DynamoDbAsyncClient newDynamoDbClient() {
    DynamoDbAsyncClientBuilder builder =
        DynamoDbAsyncClient.builder()
            .region(address().region())
            .credentialsProvider(address().credentials())
            .httpClientBuilder(http(Protocol.HTTP1_1));
    address().dynamoDb().ifPresent(builder::endpointOverride);
    return builder.build();
  }

  /** A patient HTTP client on the shared threads. */
  static NettyNioAsyncHttpClient.Builder http(Protocol protocol) {
    return NettyNioAsyncHttpClient.builder()
        .protocol(protocol)
        .eventLoopGroup(IO_THREADS)
        .connectionTimeout(PATIENCE)
        .connectionAcquisitionTimeout(PATIENCE)
        .tlsNegotiationTimeout(PATIENCE);
  }
}
