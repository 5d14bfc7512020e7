package io.millrace.testkit;

import io.millrace.producer.UserRecord;

/**
 * A put that a {@link RecordingProducer} was given. Immutable.
 *
 * @param stream name or ARN as given to {@code put}
 * @param record a copy of the record
 */
public record RecordedPut(String stream, UserRecord record) {
  /** A copy of the payload. */
  public byte[] data() {
    byte[] bytes = new byte[record.data().remaining()];
    record.data().get(bytes);
    return bytes;
  }
}
