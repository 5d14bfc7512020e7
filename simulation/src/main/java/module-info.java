/** Whole fleets on virtual time. */
module io.millrace.simulation {
  requires transitive io.millrace.aggregation;
  requires transitive io.millrace.consumer;
  requires io.millrace.producer;
  requires io.millrace.testkit;
  requires org.slf4j;
  requires static transitive org.jspecify;
}
