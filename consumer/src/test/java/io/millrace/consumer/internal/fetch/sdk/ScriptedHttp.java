package io.millrace.consumer.internal.fetch.sdk;

import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.http.async.AsyncExecuteRequest;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/** An HTTP client that answers from a script, and notes what it was asked. */
final class ScriptedHttp implements SdkAsyncHttpClient {
  private final ArrayDeque<Answer> script = new ArrayDeque<>();

  /** The requests. */
  final List<SdkHttpRequest> requests = new ArrayList<>();

  private record Answer(int status, String type, String body) {}

  /** The next request is answered so. */
  ScriptedHttp answer(int status, String body) {
    script.add(new Answer(status, "application/x-amz-json-1.1", body));
    return this;
  }

  /** A client that the application might have built: with the SDK's default retries. */
  KinesisAsyncClient client() {
    return KinesisAsyncClient.builder()
        .region(Region.EU_CENTRAL_1)
        .endpointOverride(URI.create("http://localhost:1"))
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create("id", "secret")))
        .httpClient(this)
        .build();
  }

  @Override
  public CompletableFuture<Void> execute(AsyncExecuteRequest request) {
    requests.add(request.request());
    Answer answer = script.poll();
    if (answer == null) {
      return new CompletableFuture<>();
    }
    request
        .responseHandler()
        .onHeaders(
            SdkHttpResponse.builder()
                .statusCode(answer.status())
                .appendHeader("Content-Type", answer.type())
                .appendHeader("Date", "Thu, 01 Jan 2026 00:00:07 GMT")
                .build());
    byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
    request
        .responseHandler()
        .onStream(
            subscriber ->
                AsyncRequestBody.fromByteBuffer(ByteBuffer.wrap(bytes)).subscribe(subscriber));
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public void close() {}

  @Override
  public String clientName() {
    return "scripted";
  }

  /** A header of the nth request. */
  Optional<String> header(int n, String name) {
    return requests.get(n).firstMatchingHeader(name);
  }
}
