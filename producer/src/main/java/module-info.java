/** A batching, aggregating, back-pressured producer for Amazon Kinesis Data Streams. */
@SuppressWarnings("module")
module io.millrace.producer {
  requires transitive io.millrace.aggregation;
  requires transitive software.amazon.awssdk.services.kinesis;
  requires transitive micrometer.core;
  requires software.amazon.awssdk.awscore;
  requires software.amazon.awssdk.core;
  requires software.amazon.awssdk.http;
  requires software.amazon.awssdk.http.nio.netty;
  requires org.slf4j;
  requires static transitive org.jspecify;

  exports io.millrace.producer;
}
