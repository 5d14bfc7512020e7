/**
 * The aggregated record format of Amazon Kinesis producers, and the values around it: hash keys,
 * hash ranges, sequence numbers. Needs no AWS SDK and writes no log.
 */
module io.millrace.aggregation {
  requires com.google.protobuf;
  requires static transitive org.jspecify;

  exports io.millrace.aggregation;
  exports io.millrace.model;
}
