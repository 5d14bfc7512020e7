package io.millrace.integration.interop;

import io.millrace.integration.endpoint.Endpoint;
import io.millrace.integration.endpoint.OnEndpoint;
import io.millrace.integration.endpoint.Place;

@OnEndpoint(Place.KINESIS_LOCAL)
final class WireOnKinesisLocalTest extends Wire {
  WireOnKinesisLocalTest(Endpoint endpoint) {
    super(endpoint);
  }
}
