package io.millrace.samples.fleet;

import java.util.concurrent.CompletableFuture;

/** A worker as the fleet sees it. Thread-safe. */
public interface Member {
  String name();

  /** Asks it to hand its shards over and end; completes when it has ended. */
  CompletableFuture<Void> stop();

  /** Ends it at once, as a crash would; false where that can't be done. */
  boolean kill();

  /** Asks it to end as a container's runtime does, by SIGTERM; completes when it has ended. */
  CompletableFuture<Void> terminate();

  /** Has it stand still, as a suspended machine does; false where that can't be done. */
  boolean suspend();

  /** Has it go on after {@link #suspend}. */
  void resume();

  /** Completes when it has ended, for whatever reason. */
  CompletableFuture<Void> ended();
}
