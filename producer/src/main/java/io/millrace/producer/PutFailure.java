package io.millrace.producer;

/** Why a record was not stored, by what the caller can do about it. */
public enum PutFailure {
  /**
   * No room in the budget, or in the share of it that one shard may use, within {@link
   * ProducerSettings#maxBlock()}. The record was never sent. Slow down, raise {@link
   * ProducerSettings#bufferBytes()}, or add shards.
   */
  NO_ROOM,

  /**
   * Not stored within {@link ProducerSettings#deliveryTimeout()}. The attempts say why: throttled,
   * time-outs, an endpoint that does not answer.
   */
  EXPIRED,

  /**
   * Throttled, with {@link ProducerSettings#failWhenThrottled()} set. Add shards, or choose keys
   * that spread better.
   */
  THROTTLED,

  /**
   * The service or a setting refuses this record for good, e.g. for its size. Putting it again
   * fails again. The message names the rule.
   */
  RECORD_REFUSED,

  /**
   * No valid credentials, or no permission for the stream. Fix the credentials or the policy; the
   * message names the action.
   */
  ACCESS_DENIED,

  /** No such stream in this account and region, or it is being deleted. */
  STREAM_MISSING,

  /** The stream's KMS key is disabled, missing, or not permitted. */
  KEY_UNAVAILABLE,

  /** The calling thread was interrupted while it waited for room. The record was never sent. */
  INTERRUPTED,

  /** The producer was closed before the record was stored. */
  CLOSED,

  /** A defect in the producer; the cause is attached. Please report it. */
  DEFECT
}
