/** An in-process Kinesis endpoint with faults, and recording fakes for unit tests. */
module io.millrace.testkit {
  requires io.millrace.aggregation;
  requires org.slf4j;
  requires static transitive org.jspecify;

  exports io.millrace.testkit.dynamodb;
  exports io.millrace.testkit.kinesis;
  exports io.millrace.testkit.kinesis.call;
  exports io.millrace.testkit.kinesis.model;
}
