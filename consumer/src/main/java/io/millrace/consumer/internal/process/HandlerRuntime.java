package io.millrace.consumer.internal.process;

import io.millrace.consumer.handler.SuspectedLossHandler;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * What the calls of a worker's user code share. Thread-safe.
 *
 * @param executor runs user code
 * @param nanoClock elapsed time, also for threads that run user code
 * @param wallClock wall time, for ages of records only
 * @param gate the circuit breaker of the worker
 * @param losses is told of suspected losses
 * @param duplicates events that were acknowledged a short while ago
 * @param rate how many records are delivered per second
 * @param observations observes calls of user code
 */
public record HandlerRuntime(
    Executor executor,
    LongSupplier nanoClock,
    InstantSource wallClock,
    PauseGate gate,
    SuspectedLossHandler losses,
    DuplicateWindow duplicates,
    RecordRate rate,
    CallObservations observations) {}
