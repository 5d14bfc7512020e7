/** Leases and checkpoints in DynamoDB, in the table layout of the KCL. */
module io.millrace.dynamodb {
  requires transitive io.millrace.consumer;
  requires org.slf4j;
  requires static transitive org.jspecify;
  requires software.amazon.awssdk.awscore;
  requires software.amazon.awssdk.core;
  requires software.amazon.awssdk.http;
  requires software.amazon.awssdk.retries.api;
  requires transitive software.amazon.awssdk.services.dynamodb;
  requires software.amazon.awssdk.utils;

  exports io.millrace.dynamodb;
}
