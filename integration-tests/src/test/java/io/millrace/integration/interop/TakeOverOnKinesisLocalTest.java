package io.millrace.integration.interop;

import io.millrace.integration.endpoint.Endpoint;
import io.millrace.integration.endpoint.OnEndpoint;
import io.millrace.integration.endpoint.Place;

@OnEndpoint(Place.KINESIS_LOCAL)
final class TakeOverOnKinesisLocalTest extends TakeOver {
  TakeOverOnKinesisLocalTest(Endpoint endpoint) {
    super(endpoint);
  }
}
