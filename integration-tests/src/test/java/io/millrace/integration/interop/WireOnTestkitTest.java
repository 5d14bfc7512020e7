package io.millrace.integration.interop;

import io.millrace.integration.endpoint.Endpoint;
import io.millrace.integration.endpoint.OnEndpoint;
import io.millrace.integration.endpoint.Place;
import io.millrace.integration.endpoint.TestStream;
import org.junit.jupiter.api.Test;

@OnEndpoint(Place.TESTKIT)
final class WireOnTestkitTest extends Wire {
  WireOnTestkitTest(Endpoint endpoint) {
    super(endpoint);
  }

  /** Here alone: kinesis-local stores such a record, and answers each read of it with 500. */
  @Test
  void recordsOfTenMebibytesArriveBothWays() throws Exception {
    TestStream stream = stream(1);
    TestStream.get(
        kinesis().updateMaxRecordSize(r -> r.streamARN(stream.arn()).maxRecordSizeInKiB(10_240)));
    stream.awaitActive();

    largeRecordsArriveBothWays(stream, 10 * MIB - 1);
  }
}
