package io.millrace.integration.endpoint;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives a test class an {@link Endpoint}, as a parameter of its constructor or methods. The class
 * is skipped, with the reason, where the endpoint can't be had. An endpoint starts once and serves
 * every class that asks for it.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ExtendWith(Endpoints.class)
public @interface OnEndpoint {
  Place value();
}
