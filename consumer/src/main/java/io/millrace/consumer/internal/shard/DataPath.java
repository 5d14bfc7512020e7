package io.millrace.consumer.internal.shard;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.millrace.consumer.ConsumerSettings;
import io.millrace.consumer.KeyOrder;
import io.millrace.consumer.failure.FailurePolicy;
import io.millrace.consumer.internal.fetch.FanOutPort;
import io.millrace.consumer.internal.fetch.FetchPort;
import io.millrace.consumer.internal.fetch.LoopInbox;
import io.millrace.consumer.internal.process.ApplicationHooks;
import io.millrace.consumer.internal.process.Excerpt;
import io.millrace.consumer.internal.process.Processing;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * What the data path of a worker is made of.
 *
 * @param application the application's name
 * @param settings the consumer's settings
 * @param policy what happens when user code fails
 * @param processing the application's code
 * @param parallelism calls at a time per shard
 * @param order which of them
 * @param polling reads by GetRecords
 * @param fanOut reads by SubscribeToShard
 * @param handlerThreads runs user code
 * @param nanoClock elapsed time, thread-safe; on the loop the time of its tick is used instead
 * @param wallClock wall time, for ages of records
 * @param random seeds whatever is random
 * @param meters where metrics go, or {@link #NO_METERS}
 * @param hooks what the application wants to know
 * @param excerpt what of the streams is delivered, and how fast
 * @param workerInbox takes replies that belong to no single shard to the worker loop
 */
public record DataPath(
    String application,
    ConsumerSettings settings,
    FailurePolicy policy,
    Processing processing,
    int parallelism,
    KeyOrder order,
    FetchPort polling,
    FanOutPort fanOut,
    Executor handlerThreads,
    LongSupplier nanoClock,
    InstantSource wallClock,
    RandomGenerator random,
    MeterRegistry meters,
    ApplicationHooks hooks,
    Excerpt excerpt,
    LoopInbox workerInbox) {

  /** For an application that gives no registry: nothing is counted, which costs nothing. */
  public static final MeterRegistry NO_METERS = new CompositeMeterRegistry();
}
