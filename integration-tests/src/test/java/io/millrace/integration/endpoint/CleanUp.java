package io.millrace.integration.endpoint;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.ListTablesResponse;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.ListStreamsResponse;

/**
 * Deletes streams and tables that tests have left behind, by the beginning of their names. What
 * can't be deleted yet, since it is being made or changed or there is too much of it at once, is
 * tried again.
 */
final class CleanUp {
  /** Five minutes of them: a deletion may take one. */
  private static final int ROUNDS = 600;

  private final KinesisAsyncClient kinesis;
  private final DynamoDbAsyncClient dynamoDb;
  private String lastRefusal = "every deletion was accepted";

  CleanUp(KinesisAsyncClient kinesis, DynamoDbAsyncClient dynamoDb) {
    this.kinesis = kinesis;
    this.dynamoDb = dynamoDb;
  }

  /**
   * Deletes everything that is called so, and waits until it is gone.
   *
   * @return the names of what was there
   * @throws AssertionError if something stays; it says what, and the last reason
   */
  List<String> delete(String prefix) {
    List<String> found = left(prefix);
    List<String> left = found;
    for (int round = 0; !left.isEmpty() && round < ROUNDS; round++) {
      pause();
      try {
        left = leftAfterDeletion(prefix);
      } catch (AwsServiceException e) {
        lastRefusal = String.valueOf(e.getMessage());
      }
    }
    if (!left.isEmpty()) {
      throw new AssertionError("there is still " + left + ": " + lastRefusal);
    }
    return found;
  }

  private List<String> leftAfterDeletion(String prefix) {
    for (String stream : streams(prefix)) {
      request(kinesis.deleteStream(r -> r.streamName(stream).enforceConsumerDeletion(true)));
    }
    for (String table : tables(prefix)) {
      request(dynamoDb.deleteTable(r -> r.tableName(table)));
    }
    return left(prefix);
  }

  /** A refusal is no reason to leave the rest: what counts is that all is gone in the end. */
  private void request(CompletableFuture<?> deletion) {
    try {
      TestStream.get(deletion);
    } catch (AwsServiceException e) {
      lastRefusal = String.valueOf(e.getMessage());
    }
  }

  /** An account may list its streams five times a second, and be listed by others as well. */
  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(500);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while cleaning up", e);
    }
  }

  /** What is there under such names. */
  List<String> left(String prefix) {
    List<String> all = new ArrayList<>(streams(prefix));
    all.addAll(tables(prefix));
    return all;
  }

  private List<String> streams(String prefix) {
    List<String> names = new ArrayList<>();
    String last = null;
    ListStreamsResponse page;
    do {
      String from = last;
      page = TestStream.get(kinesis.listStreams(r -> r.exclusiveStartStreamName(from)));
      names.addAll(page.streamNames());
      last = names.isEmpty() ? null : names.get(names.size() - 1);
    } while (Boolean.TRUE.equals(page.hasMoreStreams()));
    return names.stream().filter(name -> name.startsWith(prefix)).toList();
  }

  private List<String> tables(String prefix) {
    List<String> names = new ArrayList<>();
    String last = null;
    do {
      String from = last;
      ListTablesResponse page =
          TestStream.get(dynamoDb.listTables(r -> r.exclusiveStartTableName(from)));
      names.addAll(page.tableNames());
      last = page.lastEvaluatedTableName();
    } while (last != null);
    return names.stream().filter(name -> name.startsWith(prefix)).toList();
  }
}
