package io.millrace.testkit.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives tests a Kinesis endpoint in their process. On a class, one endpoint serves all its tests;
 * on a method, the test has one of its own.
 *
 * <pre>{@code
 * @KinesisEndpoint
 * class OrdersTest {
 *   @Test
 *   void ordersArrive(KinesisAsyncClient kinesis, @TestStream(shards = 2) String stream) { ... }
 * }
 * }</pre>
 *
 * <p>Parameters of tests, constructors and lifecycle methods may be:
 *
 * <ul>
 *   <li>{@link io.millrace.testkit.KinesisServer}: the endpoint, to inject faults and look at
 *       records
 *   <li>{@code KinesisAsyncClient}: a client for it, with HTTP/2 and the SDK's retries; one for all
 *   <li>a {@code String} with {@link TestStream}: the name of a new stream
 * </ul>
 *
 * <p>Everything is closed when the class or method is over. For other settings register a {@link
 * KinesisEndpointExtension} instead.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
@ExtendWith(KinesisEndpointExtension.class)
@SuppressWarnings("exports") // JUnit is optional: who extends a test with this has it.
public @interface KinesisEndpoint {
  /** Whether to enforce the service's limits and rates; by default nothing is limited. */
  boolean serviceLimits() default false;
}
