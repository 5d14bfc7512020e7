package io.millrace.consumer.internal.process;

import io.millrace.consumer.failure.FailedRecord;
import io.millrace.consumer.failure.OnFailureDestination;
import io.millrace.model.Position;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Gives the records of a part to the on-failure destination, all at a time. */
final class Diversion {
  private Diversion() {}

  static CallResult divert(
      Work work, FailedRecord.Reason reason, OnFailureDestination destination) {
    Optional<Throwable> error = Optional.ofNullable(work.lastError);
    List<CompletableFuture<Optional<Refusal>>> refused = new ArrayList<>();
    for (DeliveredRecord record : List.copyOf(work.part())) {
      FailedRecord failed = new FailedRecord(record, reason, record.attempt(), error);
      refused.add(accept(destination, failed));
    }
    CompletionStage<CallResult> all =
        CompletableFuture.allOf(refused.toArray(CompletableFuture[]::new))
            .thenApply(done -> resultOf(refused));
    return new CallResult.Pending(all);
  }

  /** A record that the destination did not take. */
  private record Refusal(Position position, Throwable error) {}

  /** Completes normally: empty if the record is durable. */
  private static CompletableFuture<Optional<Refusal>> accept(
      OnFailureDestination destination, FailedRecord failed) {
    Position position = failed.record().position();
    try {
      return destination
          .accept(failed)
          .<Optional<Refusal>>handle(
              (done, error) ->
                  error == null ? Optional.empty() : Optional.of(new Refusal(position, error)))
          .toCompletableFuture();
    } catch (RuntimeException | Error e) {
      return CompletableFuture.completedFuture(Optional.of(new Refusal(position, e)));
    }
  }

  private static CallResult resultOf(List<CompletableFuture<Optional<Refusal>>> refused) {
    Set<Position> positions = new HashSet<>();
    Optional<Throwable> cause = Optional.empty();
    for (CompletableFuture<Optional<Refusal>> one : refused) {
      Optional<Refusal> refusal = one.join();
      refusal.ifPresent(not -> positions.add(not.position()));
      cause = cause.or(() -> refusal.map(Refusal::error));
    }
    return positions.isEmpty() ? CallResult.DONE : new CallResult.Failed(positions, cause);
  }
}
