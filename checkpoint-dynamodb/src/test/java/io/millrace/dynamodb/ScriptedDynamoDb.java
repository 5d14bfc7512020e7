package io.millrace.dynamodb;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.CreateTableRequest;
import software.amazon.awssdk.services.dynamodb.model.CreateTableResponse;
import software.amazon.awssdk.services.dynamodb.model.DeleteItemRequest;
import software.amazon.awssdk.services.dynamodb.model.DeleteItemResponse;
import software.amazon.awssdk.services.dynamodb.model.DescribeTableRequest;
import software.amazon.awssdk.services.dynamodb.model.DescribeTableResponse;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbRequest;
import software.amazon.awssdk.services.dynamodb.model.GetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.GetItemResponse;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.PutItemResponse;
import software.amazon.awssdk.services.dynamodb.model.ScanRequest;
import software.amazon.awssdk.services.dynamodb.model.ScanResponse;
import software.amazon.awssdk.services.dynamodb.model.UpdateContinuousBackupsRequest;
import software.amazon.awssdk.services.dynamodb.model.UpdateContinuousBackupsResponse;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemResponse;
import software.amazon.awssdk.services.dynamodb.model.UpdateTableRequest;
import software.amazon.awssdk.services.dynamodb.model.UpdateTableResponse;

/** A client that replies what a test has written down, in that order, and keeps the requests. */
final class ScriptedDynamoDb implements DynamoDbAsyncClient {
  private final Deque<Object> replies = new ArrayDeque<>();
  private final List<DynamoDbRequest> requests = new ArrayList<>();

  /** What the next request gets: a response, or an exception that its stage fails with. */
  ScriptedDynamoDb then(Object reply) {
    replies.addLast(reply);
    return this;
  }

  List<DynamoDbRequest> requests() {
    return requests;
  }

  <R extends DynamoDbRequest> R request(int index, Class<R> type) {
    return type.cast(requests.get(index));
  }

  void checkAllReplied() {
    if (!replies.isEmpty()) {
      throw new AssertionError("never asked for: " + replies);
    }
  }

  @Override
  public CompletableFuture<PutItemResponse> putItem(PutItemRequest request) {
    return reply(request, PutItemResponse.class);
  }

  @Override
  public CompletableFuture<UpdateItemResponse> updateItem(UpdateItemRequest request) {
    return reply(request, UpdateItemResponse.class);
  }

  @Override
  public CompletableFuture<DeleteItemResponse> deleteItem(DeleteItemRequest request) {
    return reply(request, DeleteItemResponse.class);
  }

  @Override
  public CompletableFuture<GetItemResponse> getItem(GetItemRequest request) {
    return reply(request, GetItemResponse.class);
  }

  @Override
  public CompletableFuture<ScanResponse> scan(ScanRequest request) {
    return reply(request, ScanResponse.class);
  }

  @Override
  public CompletableFuture<DescribeTableResponse> describeTable(DescribeTableRequest request) {
    return reply(request, DescribeTableResponse.class);
  }

  @Override
  public CompletableFuture<CreateTableResponse> createTable(CreateTableRequest request) {
    return reply(request, CreateTableResponse.class);
  }

  @Override
  public CompletableFuture<UpdateTableResponse> updateTable(UpdateTableRequest request) {
    return reply(request, UpdateTableResponse.class);
  }

  @Override
  public CompletableFuture<UpdateContinuousBackupsResponse> updateContinuousBackups(
      UpdateContinuousBackupsRequest request) {
    return reply(request, UpdateContinuousBackupsResponse.class);
  }

  private <T> CompletableFuture<T> reply(DynamoDbRequest request, Class<T> type) {
    requests.add(request);
    Object reply = replies.pollFirst();
    if (reply instanceof Throwable failure) {
      return CompletableFuture.failedFuture(failure);
    }
    if (reply == null) {
      throw new AssertionError("no reply is written down for " + request);
    }
    return CompletableFuture.completedFuture(type.cast(reply));
  }

  @Override
  public String serviceName() {
    return SERVICE_NAME;
  }

  @Override
  public void close() {}
}
