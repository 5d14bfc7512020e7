package io.millrace.dynamodb;

import java.time.Duration;
import java.util.Optional;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.SdkPlugin;
import software.amazon.awssdk.retries.api.RetryStrategy;

/**
 * What is set on each request of a client that belongs to the user. Immutable.
 *
 * @param write for conditional writes: one attempt. A second one by the SDK would turn a write that
 *     was applied into one that looks refused
 * @param read for reads: the client's own retries, within a bound on the whole call
 * @param change for creating and changing tables: rare, slow, and nobody's lease hangs on them
 */
record RequestSettings(
    AwsRequestOverrideConfiguration write,
    AwsRequestOverrideConfiguration read,
    AwsRequestOverrideConfiguration change) {
  /** How many attempt time-outs a read may take with its retries. */
  private static final int READ_ATTEMPT_TIMEOUTS = 3;

  private static final Duration CHANGE_TIMEOUT = Duration.ofSeconds(30);

  /** Made once: building a strategy costs more than applying it. */
  private static final RetryStrategy NO_RETRIES = AwsRetryStrategy.doNotRetry();

  /** The only way to set retries for one request of a client that somebody else has built. */
  private static final SdkPlugin WITHOUT_RETRIES =
      client -> client.overrideConfiguration(o -> o.retryStrategy(NO_RETRIES));

  static RequestSettings of(Duration attemptTimeout) {
    return new RequestSettings(
        named()
            .apiCallAttemptTimeout(attemptTimeout)
            .apiCallTimeout(attemptTimeout)
            .addPlugin(WITHOUT_RETRIES)
            .build(),
        named()
            .apiCallAttemptTimeout(attemptTimeout)
            .apiCallTimeout(attemptTimeout.multipliedBy(READ_ATTEMPT_TIMEOUTS))
            .build(),
        named().apiCallTimeout(CHANGE_TIMEOUT).build());
  }

  private static AwsRequestOverrideConfiguration.Builder named() {
    return AwsRequestOverrideConfiguration.builder()
        .addApiName(name -> name.name("millrace").version(version()));
  }

  private static String version() {
    return Optional.ofNullable(RequestSettings.class.getPackage().getImplementationVersion())
        .orElse("development");
  }
}
