package io.millrace.simulation.storm;

import io.millrace.consumer.internal.fetch.FanOutPort;
import io.millrace.consumer.internal.fetch.KinesisFault;
import io.millrace.consumer.internal.fetch.ReadFrom;
import io.millrace.consumer.internal.fetch.Reply;
import io.millrace.model.ShardId;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Enhanced fan-out where nobody may use it: simulated fleets poll. */
final class NoFanOut implements FanOutPort {
  private static final KinesisFault DENIED =
      new KinesisFault(
          KinesisFault.Kind.DENIED, "AccessDeniedException", "simulated fleets read by polling");

  @Override
  public CompletionStage<Reply<StreamConsumerInfo>> describeConsumer(
      String streamArn, String name) {
    return CompletableFuture.completedStage(new Reply.Failed<>(DENIED));
  }

  @Override
  public CompletionStage<Reply<StreamConsumerInfo>> registerConsumer(
      String streamArn, String name) {
    return CompletableFuture.completedStage(new Reply.Failed<>(DENIED));
  }

  @Override
  public Subscription subscribe(
      String consumerArn, ShardId shard, ReadFrom from, Listener listener) {
    listener.onFault(DENIED);
    return new Subscription() {
      @Override
      public void request(long events) {}

      @Override
      public void cancel() {}
    };
  }
}
