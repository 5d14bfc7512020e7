/** An in-process Kinesis endpoint with faults, and recording fakes for unit tests. */
module io.millrace.testkit {
  requires com.fasterxml.jackson.core;
  requires com.fasterxml.jackson.dataformat.cbor;
  requires transitive io.millrace.aggregation;
  requires transitive io.millrace.consumer;
  requires transitive io.millrace.producer;
  requires io.netty.buffer;
  requires io.netty.codec;
  requires io.netty.codec.http;
  requires io.netty.codec.http2;
  requires io.netty.common;
  requires io.netty.handler;
  requires io.netty.transport;
  requires org.slf4j;
  requires software.amazon.awssdk.auth;
  requires software.amazon.awssdk.http;
  requires software.amazon.awssdk.http.nio.netty;
  requires software.amazon.awssdk.regions;
  requires transitive software.amazon.awssdk.services.kinesis;
  requires static org.assertj.core;
  requires static transitive org.jspecify;
  requires static org.junit.jupiter.api;

  exports io.millrace.testkit;
  exports io.millrace.testkit.cloudwatch;
  exports io.millrace.testkit.dynamodb;
  exports io.millrace.testkit.junit;
  exports io.millrace.testkit.kinesis;
  exports io.millrace.testkit.kinesis.call;
  exports io.millrace.testkit.kinesis.fault;
  exports io.millrace.testkit.kinesis.model;
  exports io.millrace.testkit.kinesis.settings;
  exports io.millrace.testkit.lease;
}
