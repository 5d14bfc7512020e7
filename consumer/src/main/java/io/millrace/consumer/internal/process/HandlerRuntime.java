package io.millrace.consumer.internal.process;

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
 */
public record HandlerRuntime(
    Executor executor, LongSupplier nanoClock, InstantSource wallClock, PauseGate gate) {}
