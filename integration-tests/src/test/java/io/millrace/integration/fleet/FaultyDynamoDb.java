package io.millrace.integration.fleet;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Stands between a client and DynamoDB Local, and has it fail in the ways of the service. */
final class FaultyDynamoDb implements AutoCloseable {
  /** How it fails. */
  enum Fault {
    NONE,
    /** Each request is refused for load. */
    THROTTLED,
    /** Each request waits for 5 s before it is carried out and answered. */
    SLOW,
    /** Connections end without an answer. */
    GONE,
    /** Each request is denied. */
    DENIED
  }

  private static final Duration SLOWNESS = Duration.ofSeconds(5);

  private final URI target;
  private final HttpServer server;
  private final HttpClient client = HttpClient.newHttpClient();
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "faulty-dynamodb");
            thread.setDaemon(true);
            return thread;
          });
  private volatile Fault fault = Fault.NONE;

  FaultyDynamoDb(URI target) throws IOException {
    this.target = target;
    this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  void fail(Fault how) {
    fault = how;
  }

  private void handle(HttpExchange exchange) throws IOException {
    byte[] request = exchange.getRequestBody().readAllBytes();
    switch (fault) {
      case NONE -> forward(exchange, request);
      case THROTTLED ->
          refuse(
              exchange,
              "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
              "too much");
      case SLOW -> {
        pause();
        forward(exchange, request);
      }
      case GONE -> exchange.close();
      case DENIED ->
          refuse(
              exchange,
              "com.amazon.coral.service#AccessDeniedException",
              "User: worker is not authorized to perform: dynamodb:UpdateItem");
    }
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(SLOWNESS.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void forward(HttpExchange exchange, byte[] body) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(target).POST(HttpRequest.BodyPublishers.ofByteArray(body));
    for (String header : new String[] {"X-Amz-Target", "Content-Type", "Authorization"}) {
      String value = exchange.getRequestHeaders().getFirst(header);
      if (value != null) {
        request.header(header, value);
      }
    }
    try {
      HttpResponse<byte[]> reply =
          client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
      reply
          .headers()
          .firstValue("x-amz-crc32")
          .ifPresent(crc -> exchange.getResponseHeaders().add("x-amz-crc32", crc));
      answer(exchange, reply.statusCode(), reply.body());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new IOException(e));
    }
  }

  private static void refuse(HttpExchange exchange, String type, String message)
      throws IOException {
    String body = "{\"__type\":\"" + type + "\",\"message\":\"" + message + "\"}";
    answer(exchange, 400, body.getBytes(StandardCharsets.UTF_8));
  }

  private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.getResponseHeaders().add("Content-Type", "application/x-amz-json-1.0");
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
