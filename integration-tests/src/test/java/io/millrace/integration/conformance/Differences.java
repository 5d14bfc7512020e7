package io.millrace.integration.conformance;

import io.millrace.integration.endpoint.Endpoints;
import io.millrace.integration.endpoint.Place;
import java.lang.reflect.Method;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/** Turns a test around on an endpoint that is known to differ. */
final class Differences implements InvocationInterceptor {
  @Override
  public void interceptTestMethod(
      Invocation<Void> invocation,
      ReflectiveInvocationContext<Method> invoked,
      ExtensionContext context)
      throws Throwable {
    Place place = Endpoints.place(context);
    for (Differs differs : invoked.getExecutable().getAnnotationsByType(Differs.class)) {
      if (differs.on() == place) {
        expectFailure(invocation, differs);
        return;
      }
    }
    invocation.proceed();
  }

  private static void expectFailure(Invocation<Void> invocation, Differs differs) throws Throwable {
    try {
      invocation.proceed();
    } catch (AssertionError | Exception asListed) {
      return;
    }
    throw new AssertionError(
        differs.on() + " no longer differs: take away @Differs(\"" + differs.here() + "\")");
  }
}
