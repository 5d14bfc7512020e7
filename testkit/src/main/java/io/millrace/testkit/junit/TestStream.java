package io.millrace.testkit.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a {@code String} parameter that gets the name of a new stream of the {@link
 * KinesisEndpoint}. Each parameter gets a stream of its own.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.PARAMETER)
public @interface TestStream {
  /** The number of shards. */
  int shards() default 1;
}
