package io.millrace.producer.internal.loop;

import io.millrace.producer.PutCallback;
import io.millrace.producer.PutFailedException;
import io.millrace.producer.PutResult;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A put's future that is its own callback: one object per put. Thread-safe. */
final class PutFuture extends CompletableFuture<PutResult> implements PutCallback {
  @Override
  public void settled(@Nullable PutResult result, @Nullable PutFailedException failure) {
    if (failure != null) {
      completeExceptionally(failure);
    } else {
      complete(result);
    }
  }
}
