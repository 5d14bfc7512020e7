package io.millrace.dynamodb;

import io.millrace.consumer.lease.LeaseStoreException;
import io.millrace.consumer.lease.LeaseStoreException.Reason;
import java.util.Set;
import java.util.concurrent.CompletionException;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;

/**
 * Says what a failed request means and what to do about it, once for the whole module. Pure
 * functions. Messages name the action and the table; what the service said is in the cause.
 */
final class Failures {
  private static final Set<String> THROTTLES =
      Set.of(
          "ProvisionedThroughputExceededException",
          "RequestLimitExceeded",
          "ThrottlingException",
          "Throttling",
          "LimitExceededException",
          "TooManyRequestsException",
          // Somebody else is changing the item, by a transaction or in another region of a global
          // table: nothing was written, and it passes.
          "TransactionConflictException",
          "ReplicatedWriteConflictException");

  private static final Set<String> BAD_CREDENTIALS =
      Set.of(
          "UnrecognizedClientException",
          "ExpiredTokenException",
          "ExpiredToken",
          "InvalidClientTokenId",
          "InvalidSignatureException",
          "SignatureDoesNotMatch",
          "IncompleteSignatureException",
          "MissingAuthenticationTokenException",
          "MissingAuthenticationToken");

  private Failures() {}

  /** The error itself, without the wrapper that a stage puts around it. */
  static Throwable unwrapped(Throwable error) {
    Throwable inner = error;
    while (inner instanceof CompletionException && inner.getCause() != null) {
      inner = inner.getCause();
    }
    return inner;
  }

  /**
   * What the failure of a request means.
   *
   * @param error what its stage failed with
   * @param action the action's name in IAM, without the service
   * @param table the table's name
   */
  static LeaseStoreException of(Throwable error, String action, String table) {
    Throwable cause = unwrapped(error);
    if (cause instanceof LeaseStoreException known) {
      return known;
    }
    if (cause instanceof ResourceNotFoundException) {
      return new LeaseStoreException(
          Reason.TABLE_MISSING,
          "Table '"
              + table
              + "' does not exist in this account and region (dynamodb:"
              + action
              + "): check the client's region, or let the store create it at the next start",
          cause);
    }
    if (cause instanceof AwsServiceException refused) {
      return ofService(refused, action, table);
    }
    if (cause instanceof SdkClientException && speaksOfCredentials(cause)) {
      return new LeaseStoreException(
          Reason.NO_CREDENTIALS,
          "No AWS credentials for dynamodb:"
              + action
              + " on table '"
              + table
              + "': configure the client's credentials provider",
          cause);
    }
    if (cause instanceof SdkClientException) {
      return new LeaseStoreException(
          Reason.UNAVAILABLE,
          "No usable answer to dynamodb:"
              + action
              + " on table '"
              + table
              + "': check the client's endpoint, region and network ("
              + cause.getClass().getSimpleName()
              + ")",
          cause);
    }
    return new LeaseStoreException(
        Reason.DEFECT,
        "dynamodb:" + action + " on table '" + table + "' failed unexpectedly",
        cause);
  }

  private static LeaseStoreException ofService(
      AwsServiceException error, String action, String table) {
    String code = code(error);
    String what = "dynamodb:" + action + " on table '" + table + "'";
    if (THROTTLES.contains(code) || error.isThrottlingException()) {
      return new LeaseStoreException(
          Reason.THROTTLED,
          what + " was throttled: try again later, or give a provisioned table more capacity",
          error);
    }
    if (code.startsWith("AccessDenied")) {
      return new LeaseStoreException(
          Reason.ACCESS_DENIED,
          what + " is not permitted: allow dynamodb:" + action + " on it (see docs/iam.md)",
          error);
    }
    if (BAD_CREDENTIALS.contains(code)) {
      return new LeaseStoreException(
          Reason.NO_CREDENTIALS,
          what
              + " was refused for its credentials ("
              + code
              + "): they are wrong, expired or of another partition, or this machine's clock is"
              + " off",
          error);
    }
    if (error.statusCode() < 400 || error.statusCode() >= 500) {
      return new LeaseStoreException(
          Reason.UNAVAILABLE,
          what + " failed inside DynamoDB (HTTP " + error.statusCode() + "): try again",
          error);
    }
    if (code.equals("ValidationException") && speaksOfKeys(error)) {
      return new LeaseStoreException(
          Reason.WRONG_KEY_SCHEMA,
          what + " does not fit the table's key: it is not a table of Millrace or the KCL",
          error);
    }
    return new LeaseStoreException(
        Reason.DEFECT,
        what + " was refused (HTTP " + error.statusCode() + ", " + code + ")",
        error);
  }

  private static String code(AwsServiceException error) {
    String code = error.awsErrorDetails() == null ? null : error.awsErrorDetails().errorCode();
    return code == null ? "" : code;
  }

  private static boolean speaksOfCredentials(Throwable error) {
    String message = error.getMessage();
    return message != null && message.contains("credentials");
  }

  private static boolean speaksOfKeys(AwsServiceException error) {
    String message = error.getMessage();
    return message != null
        && (message.contains("does not match the schema")
            || message.contains("Missing the key")
            || message.contains("Type mismatch for key"));
  }
}
