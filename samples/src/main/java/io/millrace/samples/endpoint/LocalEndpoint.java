package io.millrace.samples.endpoint;

import io.millrace.testkit.KinesisServer;
import io.millrace.testkit.dynamodb.DynamoDbLocal;
import java.io.IOException;

/**
 * Starts the testkit's Kinesis with a stream {@code clicks}, and DynamoDB Local; prints what to set
 * so that programs with the SDK's defaults find them, and runs until its input ends or Enter is
 * pressed.
 */
public final class LocalEndpoint {
  private LocalEndpoint() {}

  public static void main(String[] args) throws IOException {
    try (KinesisServer kinesis = KinesisServer.start();
        DynamoDbLocal dynamoDb = DynamoDbLocal.start()) {
      kinesis.createStream("clicks", 2);
      System.out.printf(
          """
          export AWS_ENDPOINT_URL_KINESIS=%s AWS_ENDPOINT_URL_DYNAMODB=%s
          export AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
          # In another terminal, with the lines above: samples/run tail clicks
          # In a third one: samples/run put clicks
          # Enter ends this.
          """,
          kinesis.endpoint(), dynamoDb.endpoint());
      while (System.in.read() > '\n') {
        // Wait for the end of the line.
      }
    }
  }
}
