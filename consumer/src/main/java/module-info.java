/** The consumer: worker fleets that share the shards of a stream by leases. */
@SuppressWarnings("module")
module io.millrace.consumer {
  requires transitive io.millrace.aggregation;
  requires transitive micrometer.core;
  requires transitive micrometer.observation;
  requires micrometer.commons;
  requires transitive software.amazon.awssdk.services.kinesis;
  requires com.github.benmanes.caffeine;
  requires org.reactivestreams;
  requires software.amazon.awssdk.awscore;
  requires software.amazon.awssdk.core;
  requires software.amazon.awssdk.retries.api;
  requires software.amazon.awssdk.utils;
  requires software.amazon.awssdk.http;
  requires software.amazon.awssdk.http.nio.netty;
  requires io.github.resilience4j.circuitbreaker;
  requires io.github.resilience4j.core;
  requires org.slf4j;
  requires static transitive org.jspecify;

  exports io.millrace.consumer;
  exports io.millrace.consumer.compat;
  exports io.millrace.consumer.failure;
  exports io.millrace.consumer.handler;
  exports io.millrace.consumer.lease;
  exports io.millrace.consumer.internal.checkpoint to
      io.millrace.simulation;
  exports io.millrace.consumer.internal.coordinate to
      io.millrace.simulation;
  exports io.millrace.consumer.internal.discover to
      io.millrace.simulation;
  exports io.millrace.consumer.internal.fetch to
      io.millrace.simulation;
  exports io.millrace.consumer.internal.loop to
      io.millrace.simulation;
  exports io.millrace.consumer.internal.member to
      io.millrace.simulation;
  exports io.millrace.consumer.internal.process to
      io.millrace.simulation;
  exports io.millrace.consumer.internal.shard to
      io.millrace.simulation;
  exports io.millrace.consumer.internal.table to
      io.millrace.simulation;
}
