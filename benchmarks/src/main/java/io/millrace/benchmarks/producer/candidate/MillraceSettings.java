package io.millrace.benchmarks.producer.candidate;

import io.millrace.producer.ProducerSettings;
import java.time.Duration;

/** What every Millrace producer here is set to. */
final class MillraceSettings {
  /** The endpoint takes more than the service does. */
  private static final double UNLIMITED_RATE = 1_000_000;

  /** Retries after a time-out would count twice, and the machine may be busy. */
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(30);

  private MillraceSettings() {}

  static ProducerSettings.Builder builder() {
    return ProducerSettings.builder().shardRate(UNLIMITED_RATE).requestTimeout(REQUEST_TIMEOUT);
  }
}
