package io.millrace.producer.internal.settle;

import io.millrace.model.SequenceNumber;
import io.millrace.model.ShardId;
import io.millrace.producer.PutCallback;
import io.millrace.producer.PutFailedException;
import io.millrace.producer.PutFailure;
import io.millrace.producer.PutResult;
import io.millrace.producer.UserRecord;
import io.millrace.producer.internal.aggregate.OutgoingRecord;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the outcome of one Kinesis record to all who wait for its user records, once. The budget
 * gets its bytes back first. Made on the loop, run on a callback thread.
 */
public final class Delivery implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Delivery.class);

  /** Boxes for the usual indexes, so that a result costs one object. */
  private static final OptionalInt[] INDEXES =
      IntStream.range(0, 2_048).mapToObj(OptionalInt::of).toArray(OptionalInt[]::new);

  private final OutgoingRecord record;
  private final List<PutCallback> sinks;
  private final LongConsumer whenDone;
  private final @Nullable Stored stored;
  private final @Nullable Failed failed;

  private record Stored(ShardId shard, SequenceNumber sequenceNumber, boolean possibleDuplicate) {}

  private record Failed(
      PutFailure reason,
      String message,
      boolean mayHaveBeenWritten,
      List<UserRecord> records,
      @Nullable Throwable cause) {}

  private Delivery(
      OutgoingRecord record,
      LongConsumer whenDone,
      @Nullable Stored stored,
      @Nullable Failed failed) {
    this.record = record;
    this.sinks = record.sinks();
    this.whenDone = whenDone;
    this.stored = stored;
    this.failed = failed;
  }

  /**
   * All user records of the Kinesis record are stored.
   *
   * @param whenDone gets the number of user records afterwards
   */
  public static Delivery stored(
      OutgoingRecord record,
      ShardId shard,
      SequenceNumber sequenceNumber,
      boolean possibleDuplicate,
      LongConsumer whenDone) {
    record.releaseData();
    return new Delivery(
        record, whenDone, new Stored(shard, sequenceNumber, possibleDuplicate), null);
  }

  /**
   * None of them is, or none that we know of.
   *
   * @param records the user records; empty if they can't be read
   */
  public static Delivery failed(
      OutgoingRecord record,
      List<UserRecord> records,
      PutFailure reason,
      String message,
      @Nullable Throwable cause,
      LongConsumer whenDone) {
    return new Delivery(
        record,
        whenDone,
        null,
        new Failed(reason, message, record.mayHaveBeenWritten(), records, cause));
  }

  @Override
  public void run() {
    try {
      record.releaseAll();
    } finally {
      for (int i = 0; i < sinks.size(); i++) {
        tell(sinks.get(i), i);
      }
      whenDone.accept(sinks.size());
      record.leaveEpoch();
    }
  }

  private void tell(PutCallback sink, int index) {
    try {
      if (stored != null) {
        sink.settled(result(stored, index), null);
      } else if (failed != null) {
        sink.settled(null, failure(failed, index));
      }
    } catch (RuntimeException | Error e) {
      LOG.error("a put callback threw an exception; the outcomes of other records go on", e);
    }
  }

  private PutResult result(Stored where, int index) {
    OptionalInt subSequenceNumber =
        !record.isAggregate()
            ? OptionalInt.empty()
            : index < INDEXES.length ? INDEXES[index] : OptionalInt.of(index);
    return new PutResult(
        where.shard,
        where.sequenceNumber,
        subSequenceNumber,
        where.possibleDuplicate,
        record.attempts());
  }

  private PutFailedException failure(Failed why, int index) {
    return new PutFailedException(
        why.reason,
        why.message,
        why.mayHaveBeenWritten,
        index < why.records.size() ? why.records.get(index) : null,
        record.attempts(),
        why.cause);
  }
}
