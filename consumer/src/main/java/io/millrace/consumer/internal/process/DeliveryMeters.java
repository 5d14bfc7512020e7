package io.millrace.consumer.internal.process;

import java.time.Instant;

/** What is counted while records are delivered. Thread-safe. */
public interface DeliveryMeters {
  /** Counts nothing. */
  DeliveryMeters NONE =
      new DeliveryMeters() {
        @Override
        public void processed(int records, long bytes) {}

        @Override
        public void handlerCall(long nanos, boolean failed) {}

        @Override
        public void redelivered(int records) {}

        @Override
        public void settled(Instant arrival) {}

        @Override
        public void duplicates(int records) {}

        @Override
        public void diverted(int records) {}

        @Override
        public void droppedAggregate(int members) {}

        @Override
        public void corruptAggregate() {}
      };

  /** User records were acknowledged by the application. */
  void processed(int records, long bytes);

  /** A call of user code has ended. */
  void handlerCall(long nanos, boolean failed);

  /** User records were handed to the application that this owner had handed to it before. */
  void redelivered(int records);

  /**
   * The last user record of a Kinesis record was acknowledged.
   *
   * @param arrival about when the Kinesis record arrived
   */
  void settled(Instant arrival);

  /** User records were left out, as their events were acknowledged a short while ago. */
  void duplicates(int records);

  /** User records are durable at the on-failure destination. */
  void diverted(int records);

  /** An aggregate was dropped, as a member lies outside the shard's hash range. */
  void droppedAggregate(int members);

  /** A corrupt aggregate was met. */
  void corruptAggregate();
}
