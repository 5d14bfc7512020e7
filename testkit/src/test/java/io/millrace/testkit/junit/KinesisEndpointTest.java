package io.millrace.testkit.junit;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.testkit.KinesisServer;
import io.millrace.testkit.KinesisServerSettings;
import io.millrace.testkit.kinesis.settings.CoreSettings;
import io.millrace.testkit.kinesis.settings.ServiceLimits;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

class KinesisEndpointTest {
  @Nested
  @KinesisEndpoint
  @TestMethodOrder(MethodOrderer.OrderAnnotation.class)
  class OnAClass {
    private static KinesisServer ofTheClass;
    private static String streamOfTheClass;
    private final KinesisServer ofTheConstructor;

    OnAClass(KinesisServer server) {
      ofTheConstructor = server;
    }

    @BeforeAll
    static void remember(KinesisServer server, @TestStream String stream) {
      ofTheClass = server;
      streamOfTheClass = stream;
    }

    @Test
    @Order(1)
    void everyTestSharesTheEndpoint(KinesisServer server) {
      assertThat(server).isSameAs(ofTheClass).isSameAs(ofTheConstructor);
    }

    @Test
    @Order(2)
    void streamsHaveTheirShards(
        KinesisAsyncClient kinesis,
        @TestStream(shards = 3) String wide,
        @TestStream String narrow) {
      assertThat(kinesis.listShards(r -> r.streamName(wide)).join().shards()).hasSize(3);
      assertThat(kinesis.listShards(r -> r.streamName(narrow)).join().shards()).hasSize(1);
      assertThat(wide).isNotEqualTo(narrow).isNotEqualTo(streamOfTheClass);
    }

    @Test
    @Order(3)
    @KinesisEndpoint(serviceLimits = true)
    void annotatedTestHasAnEndpointOfItsOwn(
        KinesisServer server, KinesisAsyncClient kinesis, @TestStream String stream) {
      assertThat(server).isNotSameAs(ofTheClass);
      assertThat(server.settings().core().limits()).isEqualTo(ServiceLimits.SERVICE);
      assertThat(kinesis.listShards(r -> r.streamName(stream)).join().shards()).hasSize(1);
    }

    @Nested
    class Inside {
      @Test
      void nestedTestsShareTheEndpointToo(KinesisServer server) {
        assertThat(server).isSameAs(ofTheClass);
      }
    }
  }

  @Nested
  class OnAMethod {
    private KinesisServer beforeTheTest;

    @BeforeEach
    @KinesisEndpoint
    void nothing() {}

    @Test
    @KinesisEndpoint
    void lifecycleAndTestSeeTheSameEndpoint(KinesisServer server, @TestStream String stream) {
      assertThat(server.core().records(stream)).hasSize(1);
      assertThat(beforeTheTest).isNull();
    }
  }

  @Nested
  class ByAStaticField {
    @RegisterExtension
    static final KinesisEndpointExtension kinesis =
        KinesisEndpointExtension.of(
            KinesisServerSettings.builder()
                .core(CoreSettings.builder().region("eu-central-1").build())
                .build());

    private static KinesisServer first;

    @Test
    void settingsAreTheFields(KinesisServer server, @TestStream String stream) {
      assertThat(server.settings().core().region()).isEqualTo("eu-central-1");
      assertThat(first == null || first == server).isTrue();
      first = server;
    }

    @Test
    void endpointIsTheClass(KinesisServer server) {
      assertThat(first == null || first == server).isTrue();
      first = server;
    }
  }

  @Nested
  class ByAnInstanceField {
    @RegisterExtension
    final KinesisEndpointExtension kinesis =
        KinesisEndpointExtension.of(KinesisServerSettings.defaults());

    private static KinesisServer first;

    @BeforeEach
    void remember(KinesisServer server) {
      assertThat(server).isNotSameAs(first);
      first = server;
    }

    @Test
    void oneTestHasItsEndpoint(KinesisServer server) {
      assertThat(server).isSameAs(first);
    }

    @Test
    void anotherTestHasAnotherEndpoint(KinesisServer server) {
      assertThat(server).isSameAs(first);
    }
  }
}
