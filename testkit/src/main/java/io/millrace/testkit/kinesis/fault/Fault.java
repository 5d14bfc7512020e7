package io.millrace.testkit.kinesis.fault;

import io.millrace.testkit.kinesis.call.Operation;
import io.millrace.testkit.kinesis.model.ErrorCode;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What can go wrong with a call. Immutable. */
public sealed interface Fault {
  /** The only operation it can concern; empty if it can concern every one. */
  default Optional<Operation> onlyOn() {
    return Optional.empty();
  }

  /**
   * The client is told an error.
   *
   * @param code the error
   * @param applied whether the call has its effect nevertheless
   */
  record Refuse(ErrorCode code, boolean applied) implements Fault {}

  /**
   * The client is told nothing, until it gives up.
   *
   * @param applied whether the call has its effect
   */
  record Silence(boolean applied) implements Fault {}

  /**
   * The connection is reset without an answer.
   *
   * @param applied whether the call has its effect
   */
  record Reset(boolean applied) implements Fault {}

  /**
   * The answer takes its time; the effect doesn't.
   *
   * @param latency how long
   */
  record Delay(Latency latency) implements Fault {}

  /**
   * Entries of a PutRecords fail; where the rule names a shard, only entries for it.
   *
   * @param code why
   * @param share how likely each entry fails, 0 to 1
   * @param indexes which entries, from 0; all if empty
   */
  record FailEntries(ErrorCode code, double share, Set<Integer> indexes) implements Fault {
    /**
     * Checks the share, and copies the indexes.
     *
     * @throws IllegalArgumentException if the share is not from 0 to 1
     */
    public FailEntries {
      Probability.require("share", share);
      indexes = Set.copyOf(indexes);
    }

    @Override
    public Optional<Operation> onlyOn() {
      return Optional.of(Operation.PUT_RECORDS);
    }
  }

  /** GetRecords answers an empty page that does not move on, though there are records. */
  record EmptyPage() implements Fault {
    @Override
    public Optional<Operation> onlyOn() {
      return Optional.of(Operation.GET_RECORDS);
    }
  }

  /**
   * A subscription begins, and ends early.
   *
   * @param after how long it runs
   * @param code the error event it ends with, or null for none
   * @param reset whether the connection is reset rather than ended
   */
  record EndSubscription(Duration after, @Nullable ErrorCode code, boolean reset) implements Fault {
    @Override
    public Optional<Operation> onlyOn() {
      return Optional.of(Operation.SUBSCRIBE_TO_SHARD);
    }
  }

  /** The whole call is throttled, without effect. */
  static Fault throttle() {
    return new Refuse(ErrorCode.PROVISIONED_THROUGHPUT_EXCEEDED, false);
  }

  /** Any of the service's errors, without effect. */
  static Fault refuse(ErrorCode code) {
    return new Refuse(code, false);
  }

  /** An internal failure with status 500, without effect. */
  static Fault internalFailure() {
    return new Refuse(ErrorCode.INTERNAL_FAILURE, false);
  }

  /** An internal failure with status 500 after the effect. */
  static Fault internalFailureAfterEffect() {
    return new Refuse(ErrorCode.INTERNAL_FAILURE, true);
  }

  /** The iterator has expired. */
  static Fault expiredIterator() {
    return new Refuse(ErrorCode.EXPIRED_ITERATOR, false);
  }

  /** A permission is missing. */
  static Fault accessDenied() {
    return new Refuse(ErrorCode.ACCESS_DENIED, false);
  }

  /** The credentials have expired. */
  static Fault expiredCredentials() {
    return new Refuse(ErrorCode.EXPIRED_TOKEN, false);
  }

  /** The request is lost: no effect, no answer. */
  static Fault lostRequest() {
    return new Silence(false);
  }

  /** The reply is lost: the effect happened, no answer. */
  static Fault lostReply() {
    return new Silence(true);
  }

  /** The connection is reset before the effect. */
  static Fault reset() {
    return new Reset(false);
  }

  /** The connection is reset after the effect. */
  static Fault resetAfterEffect() {
    return new Reset(true);
  }

  /** The answer is delayed. */
  static Fault delay(Latency latency) {
    return new Delay(latency);
  }

  /** Every entry of a PutRecords fails; of those for the rule's shard, where it names one. */
  static Fault failEntries(ErrorCode code) {
    return new FailEntries(code, 1, Set.of());
  }

  /** Each entry of a PutRecords fails by chance. */
  static Fault failEntries(ErrorCode code, double share) {
    return new FailEntries(code, share, Set.of());
  }

  /** The entries of a PutRecords at these indexes, from 0, fail. */
  static Fault failEntriesAt(ErrorCode code, Set<Integer> indexes) {
    return new FailEntries(code, 1, indexes);
  }

  /** GetRecords answers an empty page. */
  static Fault emptyPage() {
    return new EmptyPage();
  }

  /** A subscription's connection is reset after a time. */
  static Fault resetSubscription(Duration after) {
    return new EndSubscription(after, null, true);
  }

  /** A subscription ends with an error event after a time. */
  static Fault endSubscription(Duration after, ErrorCode code) {
    return new EndSubscription(after, code, false);
  }
}
