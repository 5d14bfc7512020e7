package io.millrace.integration.endtoend;

import io.millrace.integration.endpoint.Endpoint;
import io.millrace.integration.endpoint.OnEndpoint;
import io.millrace.integration.endpoint.Place;

@OnEndpoint(Place.LOCALSTACK_URL)
final class EndToEndOnLocalStackUrlTest extends EndToEndSmoke {
  EndToEndOnLocalStackUrlTest(Endpoint endpoint) {
    super(endpoint);
  }
}
