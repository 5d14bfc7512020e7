package io.millrace.samples.quickstart;

import java.util.concurrent.CompletableFuture;

/** A worker as the fleet sees it. Thread-safe. */
interface Member {
  String name();

  /** Asks it to hand its shards over and end; completes when it has ended. */
  CompletableFuture<Void> stop();

  /** Ends it at once, as a crash would; false where that can't be done. */
  boolean kill();

  /** Completes when it has ended, for whatever reason. */
  CompletableFuture<Void> ended();
}
