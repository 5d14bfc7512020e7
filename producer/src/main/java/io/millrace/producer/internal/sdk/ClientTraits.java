package io.millrace.producer.internal.sdk;

import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/**
 * What can be seen of a client that the application built. Its HTTP client can't be seen.
 *
 * @param retries whether it retries by itself
 * @param region its region, for messages; empty if unknown
 */
public record ClientTraits(boolean retries, String region) {
  private static final Logger LOG = LoggerFactory.getLogger(ClientTraits.class);

  /**
   * Looks at a client and warns of each setting that works against the producer.
   *
   * @param requestTimeout after which the producer itself gives a request up
   */
  public static ClientTraits of(KinesisAsyncClient client, Duration requestTimeout) {
    try {
      ClientOverrideConfiguration override =
          client.serviceClientConfiguration().overrideConfiguration();
      warnIfShorter("apiCallTimeout", override.apiCallTimeout(), requestTimeout);
      warnIfShorter("apiCallAttemptTimeout", override.apiCallAttemptTimeout(), requestTimeout);
      boolean retries =
          override.retryStrategy().map(strategy -> strategy.maxAttempts() > 1).orElse(true);
      return new ClientTraits(retries, client.serviceClientConfiguration().region().id());
    } catch (UnsupportedOperationException e) {
      // A wrapper around a client that hides its configuration: assume the SDK's defaults.
      LOG.debug("the Kinesis client does not show its configuration", e);
      return new ClientTraits(true, "");
    }
  }

  private static void warnIfShorter(
      String setting, Optional<Duration> value, Duration requestTimeout) {
    if (value.isPresent() && value.get().compareTo(requestTimeout) < 0) {
      LOG.warn(
          "the Kinesis client's {} of {} is shorter than the producer's requestTimeout of {}:"
              + " requests end after the former with an unknown outcome, and are sent again",
          setting,
          value.get(),
          requestTimeout);
    }
  }
}
