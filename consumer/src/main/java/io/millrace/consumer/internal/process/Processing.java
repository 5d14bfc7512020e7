package io.millrace.consumer.internal.process;

import io.millrace.consumer.handler.ShardProcessor;
import java.util.function.Supplier;

/**
 * How the application processes records: with one handler for all shards, or with an own processor
 * for each.
 */
public sealed interface Processing {
  /**
   * One handler; what it returns from counts as acknowledged.
   *
   * @param userCode the handler
   */
  record Handler(UserCode userCode) implements Processing {}

  /**
   * A processor per ownership, which checkpoints by itself.
   *
   * @param processors makes them
   */
  record Processors(Supplier<? extends ShardProcessor> processors) implements Processing {}
}
