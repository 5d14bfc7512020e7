package io.millrace.integration.endpoint;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/** Starts each endpoint when the first test asks for it, and stops all of them after the last. */
public final class Endpoints implements ExecutionCondition, ParameterResolver {
  private static final Map<Place, Endpoint> OPEN = new EnumMap<>(Place.class);

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    boolean outermost =
        context.getTestMethod().isEmpty()
            && context.getRequiredTestClass().getEnclosingClass() == null;
    if (!outermost) {
      return ConditionEvaluationResult.enabled("decided for the whole class");
    }
    Place place = place(context);
    return place
        .missing()
        .map(
            reason -> {
              // Surefire keeps the reason in its report file only.
              System.out.println(
                  "SKIPPED " + context.getRequiredTestClass().getSimpleName() + ": " + reason);
              return ConditionEvaluationResult.disabled(reason);
            })
        .orElseGet(() -> ConditionEvaluationResult.enabled(place + " can be had here"));
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Endpoint.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    context
        .getRoot()
        .getStore(ExtensionContext.Namespace.create(Endpoints.class))
        .computeIfAbsent("all", key -> new CloseAll(), CloseAll.class);
    return shared(place(context));
  }

  /** The one running endpoint of this kind; started if it isn't yet. */
  static synchronized Endpoint shared(Place place) {
    Endpoint open = OPEN.get(place);
    if (open == null) {
      open = place.open();
      OPEN.put(place, open);
    }
    return open;
  }

  private static synchronized void closeAll() {
    // Backwards: one that is reached by its URL stands on another one.
    List<Endpoint> open = new ArrayList<>(OPEN.values());
    Collections.reverse(open);
    open.forEach(Endpoint::close);
    OPEN.clear();
    LocalDynamoDb.close();
  }

  /** The endpoint that the test's class, or a class around it, asks for. */
  public static Place place(ExtensionContext context) {
    for (Class<?> type = context.getRequiredTestClass();
        type != null;
        type = type.getEnclosingClass()) {
      Optional<OnEndpoint> asked = AnnotationSupport.findAnnotation(type, OnEndpoint.class);
      if (asked.isPresent()) {
        return asked.get().value();
      }
    }
    throw new IllegalStateException("no @OnEndpoint on " + context.getRequiredTestClass());
  }

  private static final class CloseAll implements AutoCloseable {
    @Override
    public void close() {
      closeAll();
    }
  }
}
