/** The KPL aggregated record format. */
module io.millrace.aggregation {
  requires com.google.protobuf;
  requires static transitive org.jspecify;

  exports io.millrace.model;
}
