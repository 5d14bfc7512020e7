package io.millrace.benchmarks.producer.candidate;

import java.net.URI;
import java.util.Base64;

/**
 * Where to put the records. Immutable.
 *
 * @param endpoint a Kinesis endpoint that speaks TLS
 * @param certificate its certificate, DER in Base64
 */
record Target(URI endpoint, String stream, String certificate) {
  static final String REGION = "us-east-1";
  static final String CREDENTIAL = "benchmark";

  byte[] certificateBytes() {
    return Base64.getDecoder().decode(certificate);
  }
}
