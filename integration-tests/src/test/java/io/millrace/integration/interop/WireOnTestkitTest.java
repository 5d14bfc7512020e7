package io.millrace.integration.interop;

import io.millrace.integration.endpoint.Endpoint;
import io.millrace.integration.endpoint.OnEndpoint;
import io.millrace.integration.endpoint.Place;

@OnEndpoint(Place.TESTKIT)
final class WireOnTestkitTest extends Wire {
  WireOnTestkitTest(Endpoint endpoint) {
    super(endpoint);
  }
}
