package io.millrace.producer;

/**
 * A record that was not settled when the producer was closed.
 *
 * <p>Immutable.
 *
 * @param stream name or ARN as given to {@code put}
 * @param record shares the memory it was buffered in, that of the whole aggregate for a member of
 *     one
 * @param mayHaveBeenWritten whether it was part of a request without an answer, so that putting it
 *     again may store it twice
 */
public record UnsentRecord(String stream, UserRecord record, boolean mayHaveBeenWritten) {}
