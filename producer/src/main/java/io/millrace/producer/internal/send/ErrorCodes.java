package io.millrace.producer.internal.send;

import io.millrace.producer.internal.send.ServiceFailure.Kind;
import java.util.Map;
import java.util.Optional;

/**
 * The service's error codes by what follows from them: the "Errors" of PutRecords, ListShards and
 * DescribeStreamSummary and the "Common error types" in the Kinesis API reference.
 */
public final class ErrorCodes {
  private static final Map<String, Kind> KINDS =
      Map.ofEntries(
          Map.entry("ProvisionedThroughputExceededException", Kind.THROTTLED),
          Map.entry("LimitExceededException", Kind.THROTTLED),
          Map.entry("KMSThrottlingException", Kind.THROTTLED),
          Map.entry("ThrottlingException", Kind.THROTTLED),
          Map.entry("Throttling", Kind.THROTTLED),
          Map.entry("RequestLimitExceeded", Kind.THROTTLED),
          Map.entry("TooManyRequestsException", Kind.THROTTLED),
          Map.entry("ResourceInUseException", Kind.UNAVAILABLE),
          Map.entry("ServiceUnavailable", Kind.UNAVAILABLE),
          Map.entry("ServiceUnavailableException", Kind.UNAVAILABLE),
          Map.entry("ExpiredToken", Kind.UNAVAILABLE),
          Map.entry("ExpiredTokenException", Kind.UNAVAILABLE),
          Map.entry("RequestExpired", Kind.UNAVAILABLE),
          Map.entry("RequestTimeTooSkewed", Kind.UNAVAILABLE),
          Map.entry("InternalFailure", Kind.UNKNOWN),
          Map.entry("InternalFailureException", Kind.UNKNOWN),
          Map.entry("InternalServerError", Kind.UNKNOWN),
          Map.entry("InvalidArgumentException", Kind.INVALID_REQUEST),
          Map.entry("ValidationException", Kind.INVALID_REQUEST),
          Map.entry("ValidationError", Kind.INVALID_REQUEST),
          Map.entry("SerializationException", Kind.INVALID_REQUEST),
          Map.entry("RequestEntityTooLarge", Kind.INVALID_REQUEST),
          Map.entry("AccessDeniedException", Kind.ACCESS_DENIED),
          Map.entry("AccessDenied", Kind.ACCESS_DENIED),
          Map.entry("UnrecognizedClientException", Kind.ACCESS_DENIED),
          Map.entry("InvalidClientTokenId", Kind.ACCESS_DENIED),
          Map.entry("InvalidSignatureException", Kind.ACCESS_DENIED),
          Map.entry("SignatureDoesNotMatch", Kind.ACCESS_DENIED),
          Map.entry("IncompleteSignature", Kind.ACCESS_DENIED),
          Map.entry("IncompleteSignatureException", Kind.ACCESS_DENIED),
          Map.entry("MissingAuthenticationToken", Kind.ACCESS_DENIED),
          Map.entry("MissingAuthenticationTokenException", Kind.ACCESS_DENIED),
          Map.entry("NotAuthorized", Kind.ACCESS_DENIED),
          Map.entry("OptInRequired", Kind.ACCESS_DENIED),
          Map.entry("ResourceNotFoundException", Kind.STREAM_MISSING),
          Map.entry("KMSAccessDeniedException", Kind.KEY_UNAVAILABLE),
          Map.entry("KMSDisabledException", Kind.KEY_UNAVAILABLE),
          Map.entry("KMSInvalidStateException", Kind.KEY_UNAVAILABLE),
          Map.entry("KMSNotFoundException", Kind.KEY_UNAVAILABLE),
          Map.entry("KMSOptInRequired", Kind.KEY_UNAVAILABLE));

  private ErrorCodes() {}

  /** What follows from a code; empty for one that is not known here. */
  public static Optional<Kind> kindOf(String code) {
    return Optional.ofNullable(KINDS.get(code));
  }

  /**
   * What follows from a failed entry of a request. An unknown code is retried as if the entry might
   * have been written: that loses nothing, and the attempts tell the code.
   */
  public static Kind kindOfEntry(String code) {
    return kindOf(code).orElse(Kind.UNKNOWN);
  }

  /** What follows from a failed request. */
  public static Kind kindOfRequest(String code, int httpStatus) {
    Optional<Kind> known = kindOf(code);
    if (known.isPresent()) {
      return known.get();
    }
    return switch (httpStatus) {
      case 429 -> Kind.THROTTLED;
      case 503 -> Kind.UNAVAILABLE;
      case 401, 403 -> Kind.ACCESS_DENIED;
      case 400, 413 -> Kind.INVALID_REQUEST;
      default -> Kind.UNKNOWN;
    };
  }
}
