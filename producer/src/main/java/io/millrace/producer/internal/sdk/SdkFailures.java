package io.millrace.producer.internal.sdk;

import io.millrace.producer.internal.send.ErrorCodes;
import io.millrace.producer.internal.send.KinesisCallException;
import io.millrace.producer.internal.send.ServiceFailure;
import io.millrace.producer.internal.send.ServiceFailure.Kind;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import javax.net.ssl.SSLHandshakeException;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;

/** Reads the SDK's exceptions. Stateless. */
final class SdkFailures {
  private static final int MAX_CAUSES = 16;
  private static final int MAX_MESSAGE_CHARACTERS = 500;

  /** Validation errors quote the offending value, which may be a key or a payload. */
  private static final Pattern QUOTED_VALUE = Pattern.compile("Value '.*' at '", Pattern.DOTALL);

  private SdkFailures() {}

  static ServiceFailure of(Throwable thrown) {
    Throwable failure = thrown;
    while (failure instanceof CompletionException && failure.getCause() != null) {
      failure = failure.getCause();
    }
    if (failure instanceof KinesisCallException call) {
      return call.failure();
    }
    if (failure instanceof AwsServiceException service) {
      return ofService(service);
    }
    return ofClient(failure);
  }

  /** An answer came, but it makes no sense. */
  static ServiceFailure unreadable(RuntimeException cause) {
    return ServiceFailure.of(
        Kind.UNKNOWN, "UnreadableResponse", "the response could not be read", cause);
  }

  private static ServiceFailure ofService(AwsServiceException failure) {
    AwsErrorDetails details = failure.awsErrorDetails();
    String code = details == null || details.errorCode() == null ? "" : details.errorCode();
    String message =
        details == null || details.errorMessage() == null ? "" : details.errorMessage();
    String requestId = failure.requestId() == null ? "" : failure.requestId();
    boolean ofKinesis =
        details == null
            || details.serviceName() == null
            || details.serviceName().toLowerCase(Locale.ROOT).contains("kinesis");
    Kind kind = kindOf(failure, code, ofKinesis);
    boolean mayQuoteContent = kind == Kind.INVALID_REQUEST;
    return new ServiceFailure(
        kind,
        failure.statusCode(),
        code.isEmpty() ? "HTTP" + failure.statusCode() : code,
        shortened(QUOTED_VALUE.matcher(message).replaceAll("Value (not shown) at '")),
        requestId,
        mayQuoteContent ? null : failure);
  }

  private static Kind kindOf(AwsServiceException failure, String code, boolean ofKinesis) {
    if (!ofKinesis) {
      // Another service's error comes from loading credentials, e.g. from STS.
      return Kind.NO_CREDENTIALS;
    }
    if (failure.isClockSkewException()) {
      // The signature is refused for our clock. The SDK has learned the service's time from this
      // very answer, and signs the next request by it.
      return Kind.UNAVAILABLE;
    }
    return ErrorCodes.kindOfRequest(code, failure.statusCode());
  }

  private static ServiceFailure ofClient(Throwable failure) {
    String message = shortened(String.valueOf(failure.getMessage()));
    if (isIn(failure, SdkFailures::isTimeout)) {
      return ServiceFailure.of(Kind.UNKNOWN, "Timeout", message, failure);
    }
    if (isIn(failure, SdkFailures::isConnect)) {
      return ServiceFailure.of(Kind.UNAVAILABLE, "NoConnection", message, failure);
    }
    if (failure instanceof SdkClientException && isIn(failure, SdkFailures::isCredentials)) {
      return ServiceFailure.of(Kind.NO_CREDENTIALS, "NoCredentials", message, failure);
    }
    return ServiceFailure.of(Kind.UNKNOWN, "NoResponse", message, failure);
  }

  private static boolean isTimeout(Throwable failure) {
    return failure instanceof ApiCallTimeoutException
        || failure instanceof ApiCallAttemptTimeoutException
        || failure instanceof AbortedException
        || failure instanceof CancellationException;
  }

  /** Before a connection stands nothing can have been written. */
  private static boolean isConnect(Throwable failure) {
    return failure instanceof ConnectException
        || failure instanceof UnknownHostException
        || failure instanceof NoRouteToHostException
        || failure instanceof SSLHandshakeException
        || (failure instanceof TimeoutException && mentions(failure, "acquire"))
        || mentions(failure, "too many outstanding acquire")
        || mentions(failure, "maximum pending connection acquisitions");
  }

  private static boolean isCredentials(Throwable failure) {
    return mentions(failure, "credential") || mentions(failure, "identity");
  }

  private static boolean mentions(Throwable failure, String words) {
    return failure.getMessage() != null
        && failure.getMessage().toLowerCase(Locale.ROOT).contains(words);
  }

  private static boolean isIn(Throwable failure, Predicate<Throwable> test) {
    Optional<Throwable> current = Optional.of(failure);
    for (int depth = 0; current.isPresent() && depth < MAX_CAUSES; depth++) {
      if (test.test(current.get())) {
        return true;
      }
      current = Optional.ofNullable(current.get().getCause());
    }
    return false;
  }

  private static String shortened(String message) {
    return message.length() <= MAX_MESSAGE_CHARACTERS
        ? message
        : message.substring(0, MAX_MESSAGE_CHARACTERS) + "...";
  }
}
