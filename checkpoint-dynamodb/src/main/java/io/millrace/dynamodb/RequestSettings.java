package io.millrace.dynamodb;

import java.time.Duration;
import java.util.Optional;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.SdkPlugin;
import software.amazon.awssdk.retries.DefaultRetryStrategy;

/**
 * What is set on each request of a client that belongs to the user. Immutable.
 *
 * @param write for conditional writes: one attempt. A second one by the SDK would turn a write that
 *     was applied into one that looks refused
 * @param read for everything else: the client's own retries, within a bound on the whole call
 */
record RequestSettings(
    AwsRequestOverrideConfiguration write, AwsRequestOverrideConfiguration read) {
  /** How many attempt time-outs a read may take with its retries. */
  private static final int READ_ATTEMPT_TIMEOUTS = 3;

  private static final SdkPlugin NO_RETRIES =
      client ->
          client.overrideConfiguration(
              client.overrideConfiguration().toBuilder()
                  .retryStrategy(DefaultRetryStrategy.doNotRetry())
                  .build());

  static RequestSettings of(Duration attemptTimeout) {
    return new RequestSettings(
        named()
            .apiCallAttemptTimeout(attemptTimeout)
            .apiCallTimeout(attemptTimeout)
            .addPlugin(NO_RETRIES)
            .build(),
        named()
            .apiCallAttemptTimeout(attemptTimeout)
            .apiCallTimeout(attemptTimeout.multipliedBy(READ_ATTEMPT_TIMEOUTS))
            .build());
  }

  private static AwsRequestOverrideConfiguration.Builder named() {
    return AwsRequestOverrideConfiguration.builder()
        .addApiName(name -> name.name("millrace").version(version()));
  }

  private static String version() {
    return Optional.ofNullable(RequestSettings.class.getPackage().getImplementationVersion())
        .orElse("dev");
  }
}
