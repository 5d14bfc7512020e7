package io.millrace.consumer.internal.fetch;

import io.millrace.model.SequenceNumber;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where in a shard a fetcher is: what it has read, and where a new iterator or subscription goes
 * on.
 */
final class ReadCursor {
  private ReadFrom from;
  private @Nullable SequenceNumber last;

  ReadCursor(ReadFrom from) {
    this.from = from;
  }

  /** Where reading goes on. */
  ReadFrom from() {
    return from;
  }

  /**
   * Moves behind the records, and leaves out those that were read before: an endpoint that repeats
   * records after a reset must not make them twice.
   */
  List<KinesisRecord> advance(List<KinesisRecord> records) {
    if (records.isEmpty()) {
      return records;
    }
    SequenceNumber before = last;
    List<KinesisRecord> news = records;
    if (before != null && records.get(0).sequenceNumber().compareTo(before) <= 0) {
      news = records.stream().filter(next -> next.sequenceNumber().compareTo(before) > 0).toList();
      if (news.isEmpty()) {
        return news;
      }
    }
    SequenceNumber newest = news.get(news.size() - 1).sequenceNumber();
    last = newest;
    from = new ReadFrom.After(newest);
    return news;
  }

  /** The service says where a subscription goes on, which may be ahead of the last record. */
  void continueAfter(SequenceNumber continuation) {
    if (last == null || continuation.compareTo(last) > 0) {
      from = new ReadFrom.After(continuation);
    }
  }
}
