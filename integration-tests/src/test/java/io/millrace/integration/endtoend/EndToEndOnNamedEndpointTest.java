package io.millrace.integration.endtoend;

import io.millrace.integration.endpoint.Endpoint;
import io.millrace.integration.endpoint.OnEndpoint;
import io.millrace.integration.endpoint.Place;

@OnEndpoint(Place.NAMED)
final class EndToEndOnNamedEndpointTest extends EndToEnd {
  EndToEndOnNamedEndpointTest(Endpoint endpoint) {
    super(endpoint);
  }
}
