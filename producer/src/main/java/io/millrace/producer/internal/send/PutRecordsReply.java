package io.millrace.producer.internal.send;

import java.util.List;

/**
 * The answer to a PutRecords request that was accepted as such.
 *
 * @param httpStatus of the response
 * @param requestId of the response, empty if unknown
 * @param entries one per record of the request, in its order, if the service keeps its word
 */
public record PutRecordsReply(int httpStatus, String requestId, List<EntryReply> entries) {
  /** Copies the entries. */
  public PutRecordsReply {
    entries = List.copyOf(entries);
  }
}
