package io.millrace.producer.internal.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.producer.internal.send.ServiceFailure;
import io.millrace.producer.internal.send.ServiceFailure.Kind;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.kinesis.model.KinesisException;

class SdkFailuresTest {
  @Test
  void theServicesCodesDecide() {
    assertThat(service("ProvisionedThroughputExceededException", 400).kind())
        .isEqualTo(Kind.THROTTLED);
    assertThat(service("ResourceNotFoundException", 400).kind()).isEqualTo(Kind.STREAM_MISSING);
    assertThat(service("AccessDeniedException", 400).kind()).isEqualTo(Kind.ACCESS_DENIED);
    assertThat(service("ExpiredTokenException", 400).kind()).isEqualTo(Kind.UNAVAILABLE);
    assertThat(service("KMSDisabledException", 400).kind()).isEqualTo(Kind.KEY_UNAVAILABLE);
    assertThat(service("InvalidArgumentException", 400).kind()).isEqualTo(Kind.INVALID_REQUEST);
    assertThat(service("InternalFailure", 500).kind()).isEqualTo(Kind.UNKNOWN);
  }

  @Test
  void anUnknownCodeIsJudgedByItsStatus() {
    assertThat(service("BrandNewException", 400).kind()).isEqualTo(Kind.INVALID_REQUEST);
    assertThat(service("BrandNewException", 403).kind()).isEqualTo(Kind.ACCESS_DENIED);
    assertThat(service("BrandNewException", 429).kind()).isEqualTo(Kind.THROTTLED);
    assertThat(service("BrandNewException", 500).kind()).isEqualTo(Kind.UNKNOWN);
    assertThat(service("BrandNewException", 503).kind()).isEqualTo(Kind.UNAVAILABLE);
  }

  @Test
  void anotherServicesFailureIsAboutCredentials() {
    ServiceFailure failure =
        SdkFailures.of(
            AwsServiceException.builder()
                .awsErrorDetails(
                    AwsErrorDetails.builder().serviceName("Sts").errorCode("AccessDenied").build())
                .statusCode(403)
                .build());
    assertThat(failure.kind()).isEqualTo(Kind.NO_CREDENTIALS);
  }

  @Test
  void withoutAConnectionNothingWasWritten() {
    for (Throwable cause :
        new Throwable[] {
          new ConnectException("Connection refused"),
          new UnknownHostException("kinesis.nowhere.amazonaws.com"),
          new TimeoutException("Acquire operation took longer than the configured maximum time.")
        }) {
      ServiceFailure failure =
          SdkFailures.of(new CompletionException(SdkClientException.create("failed", cause)));
      assertThat(failure.kind()).isEqualTo(Kind.UNAVAILABLE);
      assertThat(failure.code()).isEqualTo("NoConnection");
    }
  }

  @Test
  void aBrokenConnectionOrATimeoutLeavesTheOutcomeUnknown() {
    assertThat(SdkFailures.of(SdkClientException.create("x", new IOException("reset"))).kind())
        .isEqualTo(Kind.UNKNOWN);
    assertThat(SdkFailures.of(ApiCallTimeoutException.create(1)).code()).isEqualTo("Timeout");
  }

  @Test
  void missingCredentialsAreTold() {
    assertThat(
            SdkFailures.of(SdkClientException.create("Unable to load credentials from any")).kind())
        .isEqualTo(Kind.NO_CREDENTIALS);
  }

  @Test
  void signatureRefusedForOurClockIsRetriedAndOneThatIsWrongIsNot() {
    // The service's clock is years behind ours.
    SdkHttpResponse skewed =
        SdkHttpResponse.builder()
            .statusCode(400)
            .putHeader("Date", "Mon, 01 Jan 2024 00:00:00 GMT")
            .build();
    SdkHttpResponse withoutTime = SdkHttpResponse.builder().statusCode(400).build();
    for (String code : new String[] {"InvalidSignatureException", "RequestTimeTooSkewed"}) {
      assertThat(SdkFailures.of(answered(code, skewed)).kind()).isEqualTo(Kind.UNAVAILABLE);
    }
    assertThat(SdkFailures.of(answered("InvalidSignatureException", withoutTime)).kind())
        .isEqualTo(Kind.ACCESS_DENIED);
    assertThat(SdkFailures.of(answered("AccessDeniedException", skewed)).kind())
        .isEqualTo(Kind.ACCESS_DENIED);
  }

  private static Throwable answered(String code, SdkHttpResponse response) {
    return KinesisException.builder()
        .awsErrorDetails(
            AwsErrorDetails.builder()
                .serviceName("Kinesis")
                .errorCode(code)
                .errorMessage("Signature expired")
                .sdkHttpResponse(response)
                .build())
        .statusCode(400)
        .clockSkew(Duration.ZERO)
        .build();
  }

  @Test
  void aValidationErrorDoesNotQuoteTheKey() {
    ServiceFailure failure =
        SdkFailures.of(
            service(
                "ValidationException",
                400,
                "1 validation error detected: Value 'secret' key's' at 'records.1.member"
                    + ".partitionKey' failed to satisfy constraint: length 256"));
    assertThat(failure.message()).doesNotContain("secret").contains("partitionKey");
    assertThat(failure.cause()).isNull();
  }

  private static ServiceFailure service(String code, int status) {
    return SdkFailures.of(service(code, status, "message"));
  }

  private static Throwable service(String code, int status, String message) {
    return KinesisException.builder()
        .awsErrorDetails(
            AwsErrorDetails.builder()
                .serviceName("Kinesis")
                .errorCode(code)
                .errorMessage(message)
                .build())
        .statusCode(status)
        .build();
  }
}
