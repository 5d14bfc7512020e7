package io.millrace.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.consumer.lease.Checkpoint.Sentinel;
import io.millrace.consumer.lease.Holding;
import io.millrace.consumer.lease.Lease;
import io.millrace.consumer.lease.LeaseKey;
import io.millrace.consumer.lease.LeaseStoreException;
import io.millrace.consumer.lease.WriteId;
import io.millrace.consumer.lease.WriteOutcome;
import io.millrace.dynamodb.internal.row.LeaseCodec;
import io.millrace.dynamodb.internal.row.LeaseWrites;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.http.async.AsyncExecuteRequest;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;

/** The settings, through a real client whose HTTP client fails. */
class RequestSettingsTest {
  private final FailingHttp http = new FailingHttp();
  private final CountingInterceptor interceptor = new CountingInterceptor();
  private final DynamoDbAsyncClient client =
      DynamoDbAsyncClient.builder()
          .httpClient(http)
          .region(Region.US_EAST_1)
          .credentialsProvider(
              StaticCredentialsProvider.create(AwsBasicCredentials.create("key", "secret")))
          .overrideConfiguration(
              o ->
                  o.addExecutionInterceptor(interceptor)
                      .retryStrategy(
                          DefaultRetryStrategy.standardStrategyBuilder()
                              .maxAttempts(4)
                              .backoffStrategy(BackoffStrategy.retryImmediately())
                              .build()))
          .build();
  private final RowTable<Lease> table =
      new RowTable<>(
          client,
          "orders",
          "leaseKey",
          RequestSettings.of(Duration.ofSeconds(20)),
          LeaseCodec::decode);

  @AfterEach
  void closeClient() {
    client.close();
  }

  @Test
  void conditionalWriteIsSentOnceWhateverTheClientRetries() {
    Lease lease = Lease.builder(LeaseKey.of("shard"), Sentinel.LATEST).build();
    WriteId id = new WriteId("i", 1);

    assertThat(table.write(LeaseWrites.create(lease, id)).toCompletableFuture().join())
        .isInstanceOf(WriteOutcome.Unknown.class);
    assertThat(
            table
                .write(LeaseWrites.renew(Holding.of(lease, "a"), 1, id))
                .toCompletableFuture()
                .join())
        .isInstanceOf(WriteOutcome.Unknown.class);
    assertThat(table.write(LeaseWrites.delete(lease)).toCompletableFuture().join())
        .isInstanceOf(WriteOutcome.Unknown.class);

    assertThat(http.requests).hasSize(3);
  }

  @Test
  void usersInterceptorsSeeEachWriteOnce() {
    Lease lease = Lease.builder(LeaseKey.of("shard"), Sentinel.LATEST).build();

    assertThat(
            table
                .write(LeaseWrites.create(lease, new WriteId("i", 1)))
                .toCompletableFuture()
                .join())
        .isInstanceOf(WriteOutcome.Unknown.class);

    assertThat(interceptor.executions).hasValue(1);
  }

  @Test
  void readKeepsTheClientsRetries() {
    CompletableFuture<?> read = table.read("shard").toCompletableFuture();

    assertThatThrownBy(read::join).hasCauseInstanceOf(LeaseStoreException.class);
    assertThat(http.requests).hasSize(4);
  }

  @Test
  void everyRequestNamesTheLibrary() {
    try {
      table.read("shard").toCompletableFuture().join();
    } catch (CompletionException expected) {
      // The endpoint always fails.
    }

    assertThat(http.requests)
        .allSatisfy(
            request ->
                assertThat(request.firstMatchingHeader("User-Agent").orElseThrow())
                    .contains("millrace/"));
  }

  private static final class CountingInterceptor implements ExecutionInterceptor {
    final AtomicInteger executions = new AtomicInteger();

    @Override
    public void beforeExecution(
        Context.BeforeExecution context, ExecutionAttributes executionAttributes) {
      executions.incrementAndGet();
    }
  }

  /** Answers everything with HTTP 500. */
  private static final class FailingHttp implements SdkAsyncHttpClient {
    final List<SdkHttpRequest> requests = new ArrayList<>();

    @Override
    public CompletableFuture<Void> execute(AsyncExecuteRequest request) {
      requests.add(request.request());
      request
          .responseHandler()
          .onHeaders(SdkHttpResponse.builder().statusCode(500).statusText("no").build());
      request.responseHandler().onStream(SdkPublisher.fromIterable(List.of()));
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public void close() {}
  }
}
