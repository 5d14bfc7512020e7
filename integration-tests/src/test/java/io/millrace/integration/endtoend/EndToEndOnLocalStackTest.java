package io.millrace.integration.endtoend;

import io.millrace.integration.endpoint.Endpoint;
import io.millrace.integration.endpoint.OnEndpoint;
import io.millrace.integration.endpoint.Place;

@OnEndpoint(Place.LOCALSTACK)
final class EndToEndOnLocalStackTest extends EndToEnd {
  EndToEndOnLocalStackTest(Endpoint endpoint) {
    super(endpoint);
  }
}
