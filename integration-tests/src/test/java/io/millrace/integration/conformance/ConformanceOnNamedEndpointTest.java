package io.millrace.integration.conformance;

import io.millrace.integration.endpoint.Endpoint;
import io.millrace.integration.endpoint.OnEndpoint;
import io.millrace.integration.endpoint.Place;
import org.junit.jupiter.api.Nested;

@OnEndpoint(Place.NAMED)
final class ConformanceOnNamedEndpointTest {
  @Nested
  final class Stream extends StreamConformance {
    Stream(Endpoint endpoint) {
      super(endpoint);
    }
  }

  @Nested
  final class Put extends PutConformance {
    Put(Endpoint endpoint) {
      super(endpoint);
    }
  }

  @Nested
  final class Read extends ReadConformance {
    Read(Endpoint endpoint) {
      super(endpoint);
    }
  }

  @Nested
  final class Reshard extends ReshardConformance {
    Reshard(Endpoint endpoint) {
      super(endpoint);
    }
  }

  @Nested
  final class FanOut extends FanOutConformance {
    FanOut(Endpoint endpoint) {
      super(endpoint);
    }
  }

  @Nested
  final class Wire extends WireConformance {
    Wire(Endpoint endpoint) {
      super(endpoint);
    }
  }
}
