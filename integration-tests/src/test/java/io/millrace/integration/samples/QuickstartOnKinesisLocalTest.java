package io.millrace.integration.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.integration.endpoint.Endpoint;
import io.millrace.integration.endpoint.OnEndpoint;
import io.millrace.integration.endpoint.Place;
import io.millrace.samples.quickstart.Quickstart;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

@OnEndpoint(Place.KINESIS_LOCAL)
class QuickstartOnKinesisLocalTest {
  private final Endpoint endpoint;

  QuickstartOnKinesisLocalTest(Endpoint endpoint) {
    this.endpoint = endpoint;
  }

  @Test
  void sameProgramRunsOnAnotherEndpointByItsFlags() throws Exception {
    try (SampleProcess quickstart =
        SampleProcess.start(
            Quickstart.class,
            Map.of(),
            "--endpoint",
            endpoint.address().kinesis().orElseThrow().toString(),
            "--dynamodb-endpoint",
            endpoint.address().dynamoDb().orElseThrow().toString(),
            "--records",
            "8000",
            "--rate",
            "800")) {
      int status = quickstart.exitStatus(Duration.ofMinutes(5));

      assertThat(quickstart.output()).contains("lost 0").contains("killed worker-");
      assertThat(status).as(quickstart.output()).isZero();
    }
  }
}
