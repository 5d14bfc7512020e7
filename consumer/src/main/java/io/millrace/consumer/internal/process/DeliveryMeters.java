package io.millrace.consumer.internal.process;

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

  /** User records are durable at the on-failure destination. */
  void diverted(int records);

  /** An aggregate was dropped, as a member lies outside the shard's hash range. */
  void droppedAggregate(int members);

  /** A corrupt aggregate was met. */
  void corruptAggregate();
}
