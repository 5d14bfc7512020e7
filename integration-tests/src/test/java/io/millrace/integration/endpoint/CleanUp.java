package io.millrace.integration.endpoint;

import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.model.ListTablesResponse;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.ListStreamsResponse;

/** Deletes streams and tables that tests have left behind, by the beginning of their names. */
final class CleanUp {
  private final KinesisAsyncClient kinesis;
  private final DynamoDbAsyncClient dynamoDb;

  CleanUp(KinesisAsyncClient kinesis, DynamoDbAsyncClient dynamoDb) {
    this.kinesis = kinesis;
    this.dynamoDb = dynamoDb;
  }

  /**
   * Deletes everything that is called so.
   *
   * @return the names of what was there
   */
  List<String> delete(String prefix) {
    List<String> found = left(prefix);
    for (String stream : streams(prefix)) {
      ignoreMissing(
          () ->
              TestStream.get(
                  kinesis.deleteStream(r -> r.streamName(stream).enforceConsumerDeletion(true))));
    }
    for (String table : tables(prefix)) {
      ignoreMissing(() -> TestStream.get(dynamoDb.deleteTable(r -> r.tableName(table))));
    }
    TestStream.await("everything called " + prefix + "* is gone", () -> left(prefix).isEmpty());
    return found;
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

  private static void ignoreMissing(Runnable deletion) {
    try {
      deletion.run();
    } catch (software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException
        | software.amazon.awssdk.services.kinesis.model.ResourceInUseException
        | software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException
        | software.amazon.awssdk.services.dynamodb.model.ResourceInUseException beingDeleted) {
      // Somebody else is at it: what counts is that it is gone in the end.
    }
  }
}
