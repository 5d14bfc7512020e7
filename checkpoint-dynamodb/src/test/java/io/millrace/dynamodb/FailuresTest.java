package io.millrace.dynamodb;

import static io.millrace.dynamodb.ServiceErrors.error;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.consumer.lease.LeaseStoreException;
import io.millrace.consumer.lease.LeaseStoreException.Reason;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;

class FailuresTest {
  private static LeaseStoreException of(Throwable error) {
    return Failures.of(new CompletionException(error), "UpdateItem", "orders");
  }

  @ParameterizedTest
  @CsvSource({
    "400, ProvisionedThroughputExceededException, THROTTLED",
    "400, ThrottlingException, THROTTLED",
    "400, RequestLimitExceeded, THROTTLED",
    "400, LimitExceededException, THROTTLED",
    "400, TransactionConflictException, THROTTLED",
    "400, ReplicatedWriteConflictException, THROTTLED",
    "503, ThrottlingException, THROTTLED",
    "400, AccessDeniedException, ACCESS_DENIED",
    "400, UnrecognizedClientException, NO_CREDENTIALS",
    "400, ExpiredTokenException, NO_CREDENTIALS",
    "400, InvalidSignatureException, NO_CREDENTIALS",
    "500, InternalServerError, UNAVAILABLE",
    "503, ServiceUnavailable, UNAVAILABLE",
    "0, , UNAVAILABLE",
    "400, ValidationException, DEFECT",
    "400, UnknownOperationException, DEFECT",
    "413, , DEFECT"
  })
  void eachReplyOfTheServiceHasOneMeaning(int status, String code, Reason reason) {
    LeaseStoreException failure = of(error(status, code));

    assertThat(failure.reason()).isEqualTo(reason);
    assertThat(failure).hasMessageContaining("dynamodb:UpdateItem").hasMessageContaining("orders");
    assertThat(failure.getMessage()).doesNotContain("said the service");
    assertThat(failure.getCause()).hasMessageContaining("said the service");
  }

  @Test
  void missingPermissionIsNamed() {
    assertThat(of(error(400, "AccessDeniedException")))
        .hasMessageContaining("allow dynamodb:UpdateItem")
        .hasMessageContaining("docs/iam.md");
  }

  @Test
  void missingTableIsNamed() {
    LeaseStoreException failure =
        of(
            ServiceErrors.filled(
                ResourceNotFoundException.builder(),
                400,
                "ResourceNotFoundException",
                "Cannot do operations on a non-existent table"));

    assertThat(failure.reason()).isEqualTo(Reason.TABLE_MISSING);
    assertThat(failure).hasMessageContaining("'orders'").hasMessageContaining("region");
  }

  @ParameterizedTest
  @CsvSource({
    "The provided key element does not match the schema",
    "One or more parameter values were invalid: Missing the key id in the item",
    "One or more parameter values were invalid: Type mismatch for key leaseKey expected: N actual:"
        + " S"
  })
  void keyThatDoesNotFitMeansAnotherApplicationsTable(String message) {
    assertThat(of(error(400, "ValidationException", message)).reason())
        .isEqualTo(Reason.WRONG_KEY_SCHEMA);
  }

  @Test
  void noAnswerIsUnavailable() {
    assertThat(of(SdkClientException.create("Unable to execute HTTP request")).reason())
        .isEqualTo(Reason.UNAVAILABLE);
    assertThat(of(ApiCallAttemptTimeoutException.create(2_000)).reason())
        .isEqualTo(Reason.UNAVAILABLE);
  }

  @Test
  void missingCredentialsAreNotTakenForAnUnreachableEndpoint() {
    LeaseStoreException failure =
        of(SdkClientException.create("Unable to load credentials from any of the providers"));

    assertThat(failure.reason()).isEqualTo(Reason.NO_CREDENTIALS);
    assertThat(failure).hasMessageContaining("credentials provider");
  }

  @Test
  void anythingElseIsADefect() {
    assertThat(of(new IllegalStateException("?")).reason()).isEqualTo(Reason.DEFECT);
  }

  @Test
  void ownFailurePassesThrough() {
    LeaseStoreException own = new LeaseStoreException(Reason.MALFORMED_ROW, "row");
    assertThat(of(own)).isSameAs(own);
  }
}
