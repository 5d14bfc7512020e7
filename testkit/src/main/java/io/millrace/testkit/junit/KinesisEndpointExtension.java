package io.millrace.testkit.junit;

import io.millrace.testkit.KinesisServer;
import io.millrace.testkit.KinesisServerSettings;
import io.millrace.testkit.kinesis.settings.CoreSettings;
import io.millrace.testkit.kinesis.settings.ServiceLimits;
import java.lang.reflect.AnnotatedElement;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/**
 * Does what {@link KinesisEndpoint} says; registered by hand, with settings of the test's own:
 *
 * <pre>{@code
 * @RegisterExtension
 * static final KinesisEndpointExtension kinesis =
 *     KinesisEndpointExtension.of(KinesisServerSettings.builder()...build());
 * }</pre>
 *
 * <p>A static field gives one endpoint to the class, an instance field one to each test.
 */
@SuppressWarnings("exports") // JUnit is optional: who extends a test with this has it.
public final class KinesisEndpointExtension implements ParameterResolver, BeforeAllCallback {
  private static final Namespace NAMESPACE = Namespace.create(KinesisEndpointExtension.class);

  private final @Nullable KinesisServerSettings settings;

  /** For JUnit, on behalf of {@link KinesisEndpoint}. */
  public KinesisEndpointExtension() {
    this.settings = null;
  }

  private KinesisEndpointExtension(KinesisServerSettings settings) {
    this.settings = settings;
  }

  /** An extension whose endpoints have the given settings. */
  public static KinesisEndpointExtension of(KinesisServerSettings settings) {
    return new KinesisEndpointExtension(settings);
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return type == KinesisServer.class
        || type == KinesisAsyncClient.class
        || (type == String.class && parameter.isAnnotated(TestStream.class));
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Endpoint endpoint = endpoint(context);
    Class<?> type = parameter.getParameter().getType();
    if (type == KinesisServer.class) {
      return endpoint.server;
    }
    if (type == KinesisAsyncClient.class) {
      return endpoint.client;
    }
    return endpoint.newStream(
        parameter.findAnnotation(TestStream.class).map(TestStream::shards).orElse(1));
  }

  /** Called where the whole class has the endpoint: by its annotation, or by a static field. */
  @Override
  public void beforeAll(ExtensionContext context) {
    var unused = endpointIn(context, this, settings(context.getElement()));
  }

  private Endpoint endpoint(ExtensionContext context) {
    if (context.getTestMethod().filter(KinesisEndpointExtension::isAnnotated).isPresent()) {
      return endpointIn(context, context.getRequiredTestMethod(), settings(context.getElement()));
    }
    // Finds what beforeAll has put into the class' store; else it is a test with a field.
    return endpointIn(context, this, settings(Optional.empty()));
  }

  private static boolean isAnnotated(AnnotatedElement element) {
    return AnnotationSupport.isAnnotated(element, KinesisEndpoint.class);
  }

  private KinesisServerSettings settings(Optional<? extends AnnotatedElement> element) {
    if (settings != null) {
      return settings;
    }
    boolean limits =
        AnnotationSupport.findAnnotation(element, KinesisEndpoint.class)
            .map(KinesisEndpoint::serviceLimits)
            .orElse(false);
    ServiceLimits enforced = limits ? ServiceLimits.SERVICE : ServiceLimits.NONE;
    return KinesisServerSettings.builder()
        .core(CoreSettings.builder().limits(enforced).build())
        .build();
  }

  /** JUnit closes the endpoint when the context of the store is over. */
  private static Endpoint endpointIn(
      ExtensionContext context, Object key, KinesisServerSettings settings) {
    return context
        .getStore(NAMESPACE)
        .computeIfAbsent(key, absent -> new Endpoint(settings), Endpoint.class);
  }

  /** A server with its one client. Thread-safe. */
  private static final class Endpoint implements AutoCloseable {
    private final KinesisServer server;
    private final KinesisAsyncClient client;
    private final AtomicInteger streams = new AtomicInteger();

    Endpoint(KinesisServerSettings settings) {
      server = KinesisServer.start(settings);
      client = server.newClient();
    }

    String newStream(int shards) {
      String name = "test-stream-" + streams.incrementAndGet();
      server.createStream(name, shards);
      return name;
    }

    @Override
    public void close() {
      client.close();
      server.close();
    }
  }
}
