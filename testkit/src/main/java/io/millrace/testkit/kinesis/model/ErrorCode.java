package io.millrace.testkit.kinesis.model;

/** The errors of the service, by the name and HTTP status that go on the wire. */
public enum ErrorCode {
  /** Credentials miss a permission. */
  ACCESS_DENIED("AccessDeniedException", 400),
  /** The shard iterator is older than five minutes. */
  EXPIRED_ITERATOR("ExpiredIteratorException", 400),
  /** The pagination token is older than 300 seconds. */
  EXPIRED_NEXT_TOKEN("ExpiredNextTokenException", 400),
  /** The temporary credentials of the caller are too old. */
  EXPIRED_TOKEN("ExpiredTokenException", 400),
  /** The service failed; the call may or may not have had its effect. */
  INTERNAL_FAILURE("InternalFailure", 500),
  /** A parameter has a value that the operation can't use. */
  INVALID_ARGUMENT("InvalidArgumentException", 400),
  /** Access to the KMS key is denied. */
  KMS_ACCESS_DENIED("KMSAccessDeniedException", 400),
  /** The KMS key is disabled. */
  KMS_DISABLED("KMSDisabledException", 400),
  /** The KMS key is in a state that forbids its use. */
  KMS_INVALID_STATE("KMSInvalidStateException", 400),
  /** There is no such KMS key. */
  KMS_NOT_FOUND("KMSNotFoundException", 400),
  /** The account has no access to KMS. */
  KMS_OPT_IN_REQUIRED("KMSOptInRequired", 400),
  /** KMS throttles. */
  KMS_THROTTLING("KMSThrottlingException", 400),
  /** A limit of the account, or the rate of a control call, is exceeded. */
  LIMIT_EXCEEDED("LimitExceededException", 400),
  /** A shard's throughput is exceeded. */
  PROVISIONED_THROUGHPUT_EXCEEDED("ProvisionedThroughputExceededException", 400),
  /** The stream, shard or consumer is in a state that forbids the call. */
  RESOURCE_IN_USE("ResourceInUseException", 400),
  /** There is no such stream, shard or consumer. */
  RESOURCE_NOT_FOUND("ResourceNotFoundException", 400),
  /** The service is overloaded. */
  SERVICE_UNAVAILABLE("ServiceUnavailable", 503),
  /** The caller calls too often. */
  THROTTLING("ThrottlingException", 400),
  /** The service does not know the operation. */
  UNKNOWN_OPERATION("UnknownOperationException", 400),
  /** The security token of the request is invalid. */
  UNRECOGNIZED_CLIENT("UnrecognizedClientException", 400),
  /** A parameter breaks the declared rule of its shape. */
  VALIDATION("ValidationException", 400);

  private final String wireName;
  private final int httpStatus;

  ErrorCode(String wireName, int httpStatus) {
    this.wireName = wireName;
    this.httpStatus = httpStatus;
  }

  /** The name as the service writes it, such as {@code ResourceNotFoundException}. */
  public String wireName() {
    return wireName;
  }

  /** The HTTP status the service answers with. */
  public int httpStatus() {
    return httpStatus;
  }
}
