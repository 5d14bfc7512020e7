package io.millrace.integration.conformance;

import io.millrace.integration.endpoint.Place;
import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * An endpoint is known not to do what a conformance test asserts of the service. The test then
 * passes there by failing, and fails when the difference has gone. Each one is a row of
 * docs/compatibility.md.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Repeatable(Differs.All.class)
public @interface Differs {
  Place on();

  /** What the service does, by its documentation. */
  String service();

  /** What this endpoint does instead. */
  String here();

  /** Several endpoints that differ. */
  @Target(ElementType.METHOD)
  @Retention(RetentionPolicy.RUNTIME)
  @interface All {
    Differs[] value();
  }
}
