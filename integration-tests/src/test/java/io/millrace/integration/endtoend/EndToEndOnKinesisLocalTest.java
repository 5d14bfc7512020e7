package io.millrace.integration.endtoend;

import io.millrace.integration.endpoint.Endpoint;
import io.millrace.integration.endpoint.OnEndpoint;
import io.millrace.integration.endpoint.Place;

@OnEndpoint(Place.KINESIS_LOCAL)
final class EndToEndOnKinesisLocalTest extends EndToEnd {
  EndToEndOnKinesisLocalTest(Endpoint endpoint) {
    super(endpoint);
  }
}
