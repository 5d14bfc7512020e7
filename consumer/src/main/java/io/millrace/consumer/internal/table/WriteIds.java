package io.millrace.consumer.internal.table;

import io.millrace.consumer.lease.WriteId;

/** Names the writes of one incarnation. Confined to the loop. */
public final class WriteIds {
  private final String incarnation;
  private long last;

  /** Starts with number 1. */
  public WriteIds(String incarnation) {
    this.incarnation = incarnation;
  }

  /** A name that was never used. */
  public WriteId next() {
    return new WriteId(incarnation, ++last);
  }

  /** Whether this incarnation has used a name. */
  public boolean isMine(WriteId id) {
    return id.incarnation().equals(incarnation);
  }
}
