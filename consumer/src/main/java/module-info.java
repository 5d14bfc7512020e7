/** The consumer: worker fleets that share the shards of a stream by leases. */
module io.millrace.consumer {
  requires transitive io.millrace.aggregation;
  requires static transitive org.jspecify;

  exports io.millrace.consumer.lease;
}
