/** Publishes Micrometer meters to CloudWatch as statistic sets. */
module io.millrace.metrics.cloudwatch {
  requires transitive micrometer.core;
  requires transitive software.amazon.awssdk.services.cloudwatch;
  requires software.amazon.awssdk.core;
  requires software.amazon.awssdk.awscore;
  requires org.slf4j;
  requires static transitive org.jspecify;

  exports io.millrace.metrics.cloudwatch;
}
