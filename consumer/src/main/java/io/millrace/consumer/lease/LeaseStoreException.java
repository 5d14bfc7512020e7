package io.millrace.consumer.lease;

/**
 * A lease store could not do what it was asked. The message says what to do about it; it holds no
 * credentials.
 *
 * <p>Reads and {@link LeaseStore#prepare} fail with it; writes carry it in {@link
 * WriteOutcome.Refused}.
 */
public final class LeaseStoreException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Reason reason;

  /** Creates an exception without a cause. */
  public LeaseStoreException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  /** Creates an exception with the store's own one as its cause. */
  public LeaseStoreException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** What is wrong. */
  public Reason reason() {
    return reason;
  }

  /** Why a store failed, grouped by what the caller can do. */
  public enum Reason {
    /** Refused for load: try again after a back-off. */
    THROTTLED(true),
    /**
     * No reply, an unreachable endpoint or an internal error of the store: try again after a
     * back-off.
     */
    UNAVAILABLE(true),
    /** There are no usable credentials. */
    NO_CREDENTIALS(false),
    /** The credentials lack a permission; the message names it. */
    ACCESS_DENIED(false),
    /** A table is not there, and may not or could not be created. */
    TABLE_MISSING(false),
    /** A table of that name has another key schema: it is not a lease table. */
    WRONG_KEY_SCHEMA(false),
    /** The store belongs to another application, or its rows to another stream. */
    OTHER_APPLICATION(false),
    /** A KCL shares the table in a way that this version does not know. */
    UNKNOWN_KCL_MODE(false),
    /** A row can't be read as what it should be. */
    MALFORMED_ROW(false),
    /** The store is closed. */
    CLOSED(false),
    /** Anything else. */
    DEFECT(false);

    private final boolean transientFailure;

    Reason(boolean transientFailure) {
      this.transientFailure = transientFailure;
    }

    /** Whether trying again later may help without anybody doing anything. */
    public boolean isTransient() {
      return transientFailure;
    }
  }
}
