package io.millrace.consumer.internal.process;

import io.millrace.consumer.handler.ReceivedRecord;
import io.millrace.consumer.internal.checkpoint.Acknowledgements;
import io.millrace.consumer.internal.fetch.KinesisRecord;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The records of one shard from fetched to acknowledged, without time or threads: fetched Kinesis
 * records, the opening turn, the order, and the acknowledgements.
 *
 * <p>Looking ahead is bounded: nothing more is opened while as many user records as allowed are
 * opened and not acknowledged, or lie behind the watermark.
 *
 * <p>Confined to the delivery's lock, but for {@link #open}, which belongs to the holder of the
 * opening turn.
 */
final class RecordFlow {
  private static final int PULL_RECORDS = 64;

  private final RecordOpener opener;
  private final DeliveryOrder order;
  private final int openingLength;
  private final int wantedReady;
  private final int limit;
  private final @Nullable Predicate<ReceivedRecord> wanted;

  private final ArrayDeque<KinesisRecord> fetched = new ArrayDeque<>();
  private final Acknowledgements acknowledgements = new Acknowledgements();

  /** The opening turn is taken. */
  private boolean opening;

  private boolean openerHasMore;

  /** User records that were opened and are not acknowledged. */
  private int openedRecords;

  /**
   * Creates an empty flow.
   *
   * @param batches whether user code takes batches: those are filled before they are handed out,
   *     while single records are handed out as they are there
   */
  RecordFlow(DeliverySettings settings, boolean batches, RecordOpener opener) {
    this.opener = opener;
    this.order = settings.newOrder(batches);
    this.openingLength = settings.openingLength(batches);
    this.wantedReady = batches ? settings.batchMaxRecords() : 1;
    this.limit = settings.maxUnacknowledgedRecords();
    this.wanted = settings.records().orElse(null);
  }

  /** Takes fetched records over. */
  void offer(List<KinesisRecord> records) {
    fetched.addAll(records);
  }

  /** Whether the opening turn is free, there is something to open, and it is wanted and allowed. */
  boolean mayOpen() {
    return !opening
        && order.lacks(wantedReady)
        && openedRecords < limit
        && (openerHasMore || (!fetched.isEmpty() && acknowledgements.spanRecords() < limit));
  }

  /** Takes the opening turn. */
  void beginOpening() {
    opening = true;
    for (int i = 0; i < PULL_RECORDS && !openerHasMore && !fetched.isEmpty(); i++) {
      opener.pull(fetched.remove());
    }
  }

  /**
   * Opens what was pulled, and asks the application what of it is wanted; outside the lock, by the
   * holder of the opening turn.
   *
   * @throws Choice.FailedException if the application does not know
   */
  RecordOpener.Opened open() {
    RecordOpener.Opened opened = opener.open(openingLength);
    if (wanted != null) {
      for (DeliveredRecord record : opened.records()) {
        if (!record.isCorrupt() && !isWanted(wanted, record)) {
          record.leaveOut();
        }
      }
    }
    return opened;
  }

  private static boolean isWanted(Predicate<ReceivedRecord> wanted, DeliveredRecord record) {
    try {
      return wanted.test(record);
    } catch (Choice.FailedException e) {
      throw new Choice.FailedException(e.getMessage() + " at " + record.position(), e);
    }
  }

  /** Gives the opening turn back, with what it brought; without, if that is not wanted any more. */
  void endOpening(RecordOpener.Opened opened, boolean wanted) {
    opening = false;
    openerHasMore = opener.hasMore();
    if (wanted) {
      opened.entries().forEach(acknowledgements::add);
      for (RecordOpener.Done done : opened.done()) {
        boolean unused = acknowledgements.acknowledge(done.entry(), done.subSequenceNumber());
      }
      openedRecords += opened.records().size();
      opened.records().forEach(this::orderOrLeaveOut);
    }
  }

  private void orderOrLeaveOut(DeliveredRecord record) {
    if (record.isLeftOut()) {
      acknowledge(record);
    } else {
      order.add(record);
    }
  }

  /** The holder of the opening turn, if there is one, is gone. */
  void abortOpening() {
    opening = false;
  }

  /** Whether some record may perhaps start. */
  boolean hasReady() {
    return order.hasReady();
  }

  /** The next work that may start, or null. */
  @Nullable Work poll() {
    return order.poll();
  }

  /** Every record of a work is acknowledged. */
  void done(Work work) {
    order.done(work);
  }

  /** Acknowledges a record; whether it was the last one of its Kinesis record. */
  boolean acknowledge(DeliveredRecord record) {
    openedRecords--;
    return acknowledgements.acknowledge(record.entry(), record.subSequenceNumber());
  }

  Acknowledgements acknowledgements() {
    return acknowledgements;
  }

  /** Forgets what has not started: it stays unacknowledged. */
  void letGo() {
    fetched.clear();
    order.clear();
  }

  /** Whether everything that was offered is acknowledged. */
  boolean isEmpty() {
    return fetched.isEmpty()
        && !opening
        && !openerHasMore
        && acknowledgements.unacknowledgedRecords() == 0;
  }

  /** The arrival time of the oldest record that is not acknowledged. */
  Optional<Instant> oldestArrival() {
    KinesisRecord first = fetched.peek();
    Optional<Instant> opened = acknowledgements.oldestArrival();
    return opened.isPresent() || first == null ? opened : Optional.of(first.arrival());
  }
}
