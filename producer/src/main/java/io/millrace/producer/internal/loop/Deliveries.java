package io.millrace.producer.internal.loop;

import io.millrace.model.SequenceNumber;
import io.millrace.model.ShardId;
import io.millrace.producer.ProducerSettings.Ordering;
import io.millrace.producer.PutFailure;
import io.millrace.producer.UserRecord;
import io.millrace.producer.internal.aggregate.OutgoingRecord;
import io.millrace.producer.internal.aggregate.ShardBuffer;
import io.millrace.producer.internal.settle.Delivery;
import io.millrace.producer.internal.settle.SerialDelivery;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands outcomes to callback threads: in order per shard, in ordered mode in order per stream, so
 * that the outcomes of one key stay in order across reshards.
 *
 * <p>Confined to the stream's loop, but for the count of what is under way.
 */
final class Deliveries {
  private static final Logger LOG = LoggerFactory.getLogger(Deliveries.class);

  private final StreamIntake intake;
  private final Executor executor;
  private final RandomGenerator random;
  private final AtomicLong underWay;
  private final Runnable wake;
  private final @Nullable SerialDelivery inOrder;
  private final Map<ShardBuffer, SerialDelivery> byShard = new HashMap<>();

  /**
   * Hands over.
   *
   * @param underWay counts deliveries of all streams
   * @param wake called after each
   */
  Deliveries(
      StreamIntake intake,
      Executor executor,
      RandomGenerator random,
      AtomicLong underWay,
      Runnable wake) {
    this.intake = intake;
    this.executor = executor;
    this.random = random;
    this.underWay = underWay;
    this.wake = wake;
    this.inOrder =
        intake.settings().ordering() == Ordering.PER_KEY ? new SerialDelivery(executor) : null;
  }

  /** The record is stored. */
  void stored(
      OutgoingRecord record,
      ShardId shard,
      SequenceNumber sequenceNumber,
      boolean possibleDuplicate) {
    post(
        record, Delivery.stored(record, shard, sequenceNumber, possibleDuplicate, this::delivered));
  }

  /**
   * The record is given up.
   *
   * @return its user records
   */
  List<UserRecord> failed(
      OutgoingRecord record, PutFailure reason, String message, @Nullable Throwable cause) {
    List<UserRecord> records = readable(record);
    post(record, Delivery.failed(record, records, reason, message, cause, this::delivered));
    return records;
  }

  /** Whatever is broken, those who wait for the record must hear of it. */
  private List<UserRecord> readable(OutgoingRecord record) {
    try {
      encode(record);
      return record.userRecords();
    } catch (RuntimeException e) {
      LOG.error("a failed record can't be shown to the application: this is a defect", e);
      return List.of();
    }
  }

  /** Makes a record's members readable. */
  void encode(OutgoingRecord record) {
    record.encode(intake.packing().containerKey(), random, intake.pool());
  }

  /** A buffer is out of use. */
  void forget(ShardBuffer buffer) {
    byShard.remove(buffer);
  }

  private void post(OutgoingRecord record, Delivery delivery) {
    underWay.incrementAndGet();
    SerialDelivery serial =
        inOrder != null
            ? inOrder
            : byShard.computeIfAbsent(record.buffer(), b -> new SerialDelivery(executor));
    serial.post(delivery);
  }

  private void delivered(long count) {
    intake.settled(count);
    underWay.decrementAndGet();
    wake.run();
  }
}
