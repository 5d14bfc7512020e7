package io.millrace.samples.check;

import io.millrace.producer.KplSettings;
import io.millrace.producer.KplSettings.Difference;
import io.millrace.producer.ProducerSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/** Reads a configuration file of the KPL, and tells what Millrace would make of it. Stateless. */
final class KplFileCheck {
  private KplFileCheck() {}

  /**
   * What is to be known of this file.
   *
   * @throws IllegalArgumentException if a value is one that the KPL refuses, too
   */
  static List<Finding> of(Properties properties) {
    KplSettings kpl = ProducerSettings.fromKplProperties(properties);
    List<Finding> findings = new ArrayList<>();
    for (Difference difference : kpl.differences()) {
      findings.add(finding(difference));
    }
    findings.add(Finding.stays("with all else at its default this becomes " + kpl.settings()));
    return findings;
  }

  private static Finding finding(Difference difference) {
    String text = difference.toString();
    return switch (difference.kind()) {
      case NOT_SUPPORTED -> Finding.stop(text);
      case DEFAULT, CHANGED, ELSEWHERE, UNKNOWN -> Finding.changes(text);
      case NOT_NEEDED -> Finding.stays(text);
    };
  }
}
