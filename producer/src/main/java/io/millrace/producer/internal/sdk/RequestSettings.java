package io.millrace.producer.internal.sdk;

import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.SdkPlugin;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.retries.api.RetryStrategy;

/**
 * What each request sets on a client that the application built: our API name, no retries of the
 * SDK's own, and no time-out (the loop keeps time and cancels).
 *
 * <p>Deliberate: a client that retries by itself is overruled by a plugin, which costs about 25 µs
 * a request; one that doesn't is left alone. See docs/decisions/per-request-sdk-settings.md.
 *
 * <p>Immutable.
 */
final class RequestSettings {
  private static final String VERSION = version();

  /** Made once: building a strategy costs more than applying it. */
  private static final RetryStrategy NO_RETRIES = AwsRetryStrategy.doNotRetry();

  private static final SdkPlugin WITHOUT_RETRIES =
      client -> client.overrideConfiguration(o -> o.retryStrategy(NO_RETRIES));

  private final AwsRequestOverrideConfiguration common;

  RequestSettings(ClientTraits traits) {
    AwsRequestOverrideConfiguration.Builder builder =
        AwsRequestOverrideConfiguration.builder()
            .addApiName(name -> name.name("millrace").version(VERSION));
    this.common = (traits.retries() ? builder.addPlugin(WITHOUT_RETRIES) : builder).build();
  }

  /** For every request. */
  AwsRequestOverrideConfiguration common() {
    return common;
  }

  /** For a rare request whose raw response is to be seen. */
  AwsRequestOverrideConfiguration tapped(ExecutionInterceptor tap) {
    return common.toBuilder()
        .addPlugin(
            client ->
                client.overrideConfiguration(
                    o -> o.retryStrategy(NO_RETRIES).addExecutionInterceptor(tap)))
        .build();
  }

  private static String version() {
    String version = RequestSettings.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
