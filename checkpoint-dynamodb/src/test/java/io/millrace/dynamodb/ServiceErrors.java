package io.millrace.dynamodb;

import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;

/** Errors as the SDK makes them of the service's replies. */
final class ServiceErrors {
  private ServiceErrors() {}

  static AwsServiceException error(int status, String code) {
    return error(status, code, "said the service");
  }

  static AwsServiceException error(int status, String code, String message) {
    return filled(DynamoDbException.builder(), status, code, message);
  }

  static AwsServiceException filled(
      AwsServiceException.Builder error, int status, String code, String message) {
    return error
        .statusCode(status)
        .message(message)
        .awsErrorDetails(
            AwsErrorDetails.builder()
                .errorCode(code)
                .errorMessage(message)
                .serviceName("DynamoDb")
                .build())
        .build();
  }
}
