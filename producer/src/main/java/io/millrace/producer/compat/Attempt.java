package io.millrace.producer.compat;

import io.millrace.producer.PutAttempt;
import org.jspecify.annotations.Nullable;

/** One attempt to store a record: the KPL's {@code Attempt}. Immutable. */
public final class Attempt {
  private static final String SUCCESS = "Success";

  private final int delay;
  private final int duration;
  private final @Nullable String errorMessage;
  private final @Nullable String errorCode;
  private final boolean successful;

  Attempt(
      int delay,
      int duration,
      @Nullable String errorMessage,
      @Nullable String errorCode,
      boolean successful) {
    this.delay = delay;
    this.duration = duration;
    this.errorMessage = errorMessage;
    this.errorCode = errorCode;
    this.successful = successful;
  }

  static Attempt of(PutAttempt put) {
    boolean successful = put.code().equals(SUCCESS);
    return new Attempt(
        (int) put.delay().toMillis(),
        (int) put.duration().toMillis(),
        successful ? null : put.message(),
        successful ? null : kplCode(put.code()),
        successful);
  }

  private static String kplCode(String code) {
    return switch (code) {
      case "WrongShard" -> "Wrong Shard";
      case "RecordCountMismatch" -> "Record Count Mismatch";
      default -> code;
    };
  }

  /** Milliseconds from the put, or from the end of the attempt before, to the request. */
  public int getDelay() {
    return delay;
  }

  /** Milliseconds of the request. */
  public int getDuration() {
    return duration;
  }

  /** What the service said; null if the attempt was successful. */
  public @Nullable String getErrorMessage() {
    return errorMessage;
  }

  /** The service's code, or one of the KPL's own; null if the attempt was successful. */
  public @Nullable String getErrorCode() {
    return errorCode;
  }

  /** Whether the attempt stored the record. */
  public boolean isSuccessful() {
    return successful;
  }

  @Override
  public String toString() {
    return "Attempt[delay=" + delay + ", duration=" + duration + ", errorCode=" + errorCode + "]";
  }
}
