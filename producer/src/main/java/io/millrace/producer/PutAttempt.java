package io.millrace.producer;

import java.time.Duration;

/**
 * One attempt to store a record: one entry of one PutRecords request.
 *
 * <p>Immutable.
 *
 * @param delay from the put (or the end of the previous attempt) to the start of this attempt's
 *     request
 * @param duration of the request
 * @param httpStatus of the response, 0 if there was none
 * @param code {@code Success}, the service's error code, such as {@code
 *     ProvisionedThroughputExceededException}, or one of ours: {@code Timeout}, {@code NoResponse},
 *     {@code NoConnection}, {@code NoCredentials}, {@code RecordCountMismatch} (the reply can't be
 *     matched to the records), {@code WrongShard} (stored on a shard whose range does not hold all
 *     members of the aggregate), {@code UnknownShard} (stored on a shard whose range could not be
 *     found out in time), {@code Closed} (no answer before the producer was closed)
 * @param message the service's message, empty if there was none
 * @param requestId of the response, empty if there was none
 */
public record PutAttempt(
    Duration delay,
    Duration duration,
    int httpStatus,
    String code,
    String message,
    String requestId) {}
