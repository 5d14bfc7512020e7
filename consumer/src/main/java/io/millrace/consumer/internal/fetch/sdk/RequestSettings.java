package io.millrace.consumer.internal.fetch.sdk;

import java.time.Duration;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.SdkPlugin;

/**
 * What each request carries, whatever the application set on its client: no retries of the SDK, as
 * ours are the only ones; a time limit; and the name of this library. See
 * docs/decisions/per-request-sdk-settings.md.
 */
final class RequestSettings {
  private static final SdkPlugin NO_RETRIES =
      client ->
          client.overrideConfiguration(
              client.overrideConfiguration().toBuilder()
                  .retryStrategy(AwsRetryStrategy.doNotRetry())
                  .build());

  private RequestSettings() {}

  /** Settings of a request with one answer. */
  static AwsRequestOverrideConfiguration within(Duration timeout) {
    return named().apiCallTimeout(timeout).apiCallAttemptTimeout(timeout).build();
  }

  /** Settings of a request whose answer is a stream: it lasts as long as it lasts. */
  static AwsRequestOverrideConfiguration streaming() {
    return named().build();
  }

  private static AwsRequestOverrideConfiguration.Builder named() {
    String version = RequestSettings.class.getPackage().getImplementationVersion();
    return AwsRequestOverrideConfiguration.builder()
        .addPlugin(NO_RETRIES)
        .addApiName(name -> name.name("millrace").version(version == null ? "dev" : version));
  }
}
