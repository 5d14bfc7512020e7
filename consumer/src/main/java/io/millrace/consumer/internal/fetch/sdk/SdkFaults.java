package io.millrace.consumer.internal.fetch.sdk;

import io.millrace.consumer.internal.fetch.KinesisFault;
import io.millrace.consumer.internal.fetch.KinesisFault.Kind;
import java.util.concurrent.CompletionException;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.AccessDeniedException;
import software.amazon.awssdk.services.kinesis.model.ExpiredIteratorException;
import software.amazon.awssdk.services.kinesis.model.InvalidArgumentException;
import software.amazon.awssdk.services.kinesis.model.KmsAccessDeniedException;
import software.amazon.awssdk.services.kinesis.model.KmsDisabledException;
import software.amazon.awssdk.services.kinesis.model.KmsInvalidStateException;
import software.amazon.awssdk.services.kinesis.model.KmsNotFoundException;
import software.amazon.awssdk.services.kinesis.model.KmsOptInRequiredException;
import software.amazon.awssdk.services.kinesis.model.KmsThrottlingException;
import software.amazon.awssdk.services.kinesis.model.LimitExceededException;
import software.amazon.awssdk.services.kinesis.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.kinesis.model.ResourceInUseException;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;
import software.amazon.awssdk.services.kinesis.model.ValidationException;

/**
 * Tells what an exception of the SDK means to the caller. Where a permission or a stream is missing
 * it adds what was asked for and in which region, as the service does not always say so. Immutable.
 */
final class SdkFaults {
  private final String region;

  private SdkFaults(String region) {
    this.region = region;
  }

  static SdkFaults of(KinesisAsyncClient client) {
    return new SdkFaults(String.valueOf(client.serviceClientConfiguration().region()));
  }

  /**
   * @param action what was asked for, as in a policy: {@code kinesis:GetRecords}
   */
  KinesisFault of(String action, Throwable thrown) {
    KinesisFault fault = of(thrown);
    return switch (fault.kind()) {
      case DENIED, NOT_FOUND ->
          new KinesisFault(
              fault.kind(), fault.code(), action + " in " + region + ": " + fault.message());
      case THROTTLED,
          EXPIRED_ITERATOR,
          IN_USE,
          LIMIT_EXCEEDED,
          KEY_UNAVAILABLE,
          INVALID,
          TRANSIENT ->
          fault;
    };
  }

  static KinesisFault of(Throwable thrown) {
    Throwable cause = thrown;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof AwsServiceException service) {
      return ofService(service);
    }
    String message = String.valueOf(cause.getMessage());
    if (cause instanceof SdkClientException && message.contains("load credentials")) {
      return new KinesisFault(
          Kind.DENIED,
          "NoCredentials",
          "no credentials were found: give the Kinesis client a credentials provider, or set the"
              + " environment that its default one reads");
    }
    return new KinesisFault(
        Kind.TRANSIENT, rootOf(cause).getClass().getName(), "the request brought no answer");
  }

  private static Throwable rootOf(Throwable thrown) {
    Throwable root = thrown;
    for (int depth = 0; depth < 16 && root.getCause() != null; depth++) {
      root = root.getCause();
    }
    return root;
  }

  private static KinesisFault ofService(AwsServiceException thrown) {
    String code =
        thrown.awsErrorDetails() == null || thrown.awsErrorDetails().errorCode() == null
            ? "Http" + thrown.statusCode()
            : thrown.awsErrorDetails().errorCode();
    return new KinesisFault(kindOf(thrown, code), code, messageOf(thrown, code));
  }

  private static Kind kindOf(AwsServiceException thrown, String code) {
    if (thrown instanceof ProvisionedThroughputExceededException
        || thrown instanceof KmsThrottlingException
        || thrown.statusCode() == 429
        || code.startsWith("Throttling")
        || code.equals("RequestLimitExceeded")) {
      return Kind.THROTTLED;
    }
    if (thrown instanceof ExpiredIteratorException) {
      return Kind.EXPIRED_ITERATOR;
    }
    if (thrown instanceof ResourceNotFoundException) {
      return Kind.NOT_FOUND;
    }
    if (thrown instanceof ResourceInUseException) {
      return Kind.IN_USE;
    }
    if (thrown instanceof LimitExceededException) {
      return Kind.LIMIT_EXCEEDED;
    }
    if (isKey(thrown)) {
      return Kind.KEY_UNAVAILABLE;
    }
    if (isDenied(thrown, code)) {
      return Kind.DENIED;
    }
    boolean refused =
        thrown instanceof InvalidArgumentException
            || thrown instanceof ValidationException
            || thrown.statusCode() / 100 == 4;
    return refused && thrown.statusCode() != 408 ? Kind.INVALID : Kind.TRANSIENT;
  }

  private static boolean isKey(AwsServiceException thrown) {
    return thrown instanceof KmsAccessDeniedException
        || thrown instanceof KmsDisabledException
        || thrown instanceof KmsInvalidStateException
        || thrown instanceof KmsNotFoundException
        || thrown instanceof KmsOptInRequiredException;
  }

  private static boolean isDenied(AwsServiceException thrown, String code) {
    return thrown instanceof AccessDeniedException
        || thrown.statusCode() == 403
        || code.startsWith("AccessDenied")
        || code.contains("Signature")
        || code.contains("Token")
        || code.equals("UnrecognizedClientException");
  }

  /** What the service says about a signature quotes the signed request: that stays out of logs. */
  private static String messageOf(AwsServiceException thrown, String code) {
    if (code.contains("Signature") || code.contains("Token")) {
      return "check the credentials, the region and the clock of this machine";
    }
    String message =
        thrown.awsErrorDetails() == null ? null : thrown.awsErrorDetails().errorMessage();
    return message == null ? "no message" : message;
  }
}
