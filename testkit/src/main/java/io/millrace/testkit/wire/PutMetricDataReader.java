package io.millrace.testkit.wire;

import com.fasterxml.jackson.core.JsonParser;
import io.millrace.testkit.cloudwatch.MetricDatum;
import io.millrace.testkit.cloudwatch.MetricDatum.Statistics;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the body of a PutMetricData request of CloudWatch. */
public final class PutMetricDataReader {
  private PutMetricDataReader() {}

  /** Reads all data of a request, those of entities too. */
  public static List<MetricDatum> read(JsonParser parser) throws IOException {
    RequestFields request = RequestFields.read(parser);
    String namespace = required(request, "Namespace");
    List<MetricDatum> data = new ArrayList<>();
    addAll(request, namespace, data);
    for (RequestFields entity : request.objects("EntityMetricData")) {
      addAll(entity, namespace, data);
    }
    return data;
  }

  private static void addAll(RequestFields holder, String namespace, List<MetricDatum> data) {
    for (RequestFields datum : holder.objects("MetricData")) {
      data.add(
          new MetricDatum(
              namespace,
              required(datum, "MetricName"),
              dimensions(datum),
              // Here the protocol is Smithy's, whose timestamps are seconds, as they are in JSON.
              datum.timestamp("Timestamp", WireFormat.JSON),
              datum.number("Value"),
              statistics(datum),
              List.copyOf(datum.numbers("Values")),
              List.copyOf(datum.numbers("Counts")),
              datum.text("Unit"),
              datum.integer("StorageResolution")));
    }
  }

  private static Map<String, String> dimensions(RequestFields datum) {
    Map<String, String> dimensions = new LinkedHashMap<>();
    for (RequestFields dimension : datum.objects("Dimensions")) {
      dimensions.put(required(dimension, "Name"), required(dimension, "Value"));
    }
    return Collections.unmodifiableMap(dimensions);
  }

  private static @Nullable Statistics statistics(RequestFields datum) {
    if (!datum.has("StatisticValues")) {
      return null;
    }
    RequestFields set = datum.object("StatisticValues");
    return new Statistics(
        requiredNumber(set, "SampleCount"),
        requiredNumber(set, "Sum"),
        requiredNumber(set, "Minimum"),
        requiredNumber(set, "Maximum"));
  }

  private static String required(RequestFields fields, String name) {
    String text = fields.text(name);
    if (text == null) {
      throw new WireException("MissingParameter", "The parameter " + name + " is required.");
    }
    return text;
  }

  private static double requiredNumber(RequestFields fields, String name) {
    Double number = fields.number(name);
    if (number == null) {
      throw new WireException("MissingParameter", "The parameter " + name + " is required.");
    }
    return number;
  }
}
