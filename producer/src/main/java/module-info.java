/** A batching, aggregating, back-pressured producer for Amazon Kinesis Data Streams. */
@SuppressWarnings("module")
module io.millrace.producer {
  requires transitive io.millrace.aggregation;
  requires transitive software.amazon.awssdk.services.kinesis;
  requires transitive micrometer.core;
  requires transitive micrometer.observation;
  requires software.amazon.awssdk.awscore;
  requires software.amazon.awssdk.core;
  requires software.amazon.awssdk.http;
  requires software.amazon.awssdk.http.nio.netty;
  requires io.github.resilience4j.core;
  requires org.reactivestreams;
  requires org.slf4j;
  requires software.amazon.awssdk.regions;
  requires software.amazon.awssdk.retries.api;
  requires static transitive org.jspecify;

  exports io.millrace.producer;
  exports io.millrace.producer.compat;
  exports io.millrace.producer.internal.loop to
      io.millrace.simulation;
  exports io.millrace.producer.internal.send to
      io.millrace.simulation;
  exports io.millrace.producer.internal.settle to
      io.millrace.simulation;
}
