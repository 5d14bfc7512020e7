package io.millrace.consumer.internal.fetch;

/**
 * Why a request to Kinesis brought no answer that can be used, by what the caller does about it.
 * Immutable.
 *
 * @param kind the class of fault
 * @param code the service's error code, or the class of a connection error
 * @param message the service's words; no record content
 */
public record KinesisFault(Kind kind, String code, String message) {
  /** Classes of faults. */
  public enum Kind {
    /**
     * Too fast: ProvisionedThroughputExceeded, LimitExceeded of a rate, KMSThrottling. Back off.
     */
    THROTTLED,
    /** The shard iterator is older than five minutes. Get a new one. */
    EXPIRED_ITERATOR,
    /** The stream, shard or stream consumer does not exist. */
    NOT_FOUND,
    /**
     * It exists and is busy: a subscription held by another connection, a stream in transition.
     * Wait.
     */
    IN_USE,
    /** A limit of the account or stream is reached, as the number of stream consumers. */
    LIMIT_EXCEEDED,
    /** Credentials or permissions are missing. */
    DENIED,
    /** The key that encrypts the stream can't be used. */
    KEY_UNAVAILABLE,
    /** The service refuses the request as malformed, and would do so again. */
    INVALID,
    /** A 5xx, a connection error or a time-out: repeat. */
    TRANSIENT
  }
}
