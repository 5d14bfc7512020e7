/** An in-process Kinesis endpoint with faults, and recording fakes for unit tests. */
module io.millrace.testkit {
  requires com.fasterxml.jackson.core;
  requires com.fasterxml.jackson.dataformat.cbor;
  requires io.millrace.aggregation;
  requires transitive io.millrace.consumer;
  requires io.netty.buffer;
  requires io.netty.codec;
  requires io.netty.codec.http;
  requires io.netty.codec.http2;
  requires io.netty.common;
  requires io.netty.handler;
  requires io.netty.transport;
  requires org.slf4j;
  requires static org.assertj.core;
  requires static transitive org.jspecify;
  requires static org.junit.jupiter.api;

  exports io.millrace.testkit.dynamodb;
  exports io.millrace.testkit.kinesis;
  exports io.millrace.testkit.kinesis.call;
  exports io.millrace.testkit.kinesis.fault;
  exports io.millrace.testkit.kinesis.model;
  exports io.millrace.testkit.kinesis.settings;
  exports io.millrace.testkit.lease;
}
